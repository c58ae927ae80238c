/** 首页之后才加载的部分的文字。 */
import { findingZhCN } from '../finding/zh-CN';
import { readingZhCN } from '../reading/zh-CN';

export const laterZhCN = { ...findingZhCN, ...readingZhCN };

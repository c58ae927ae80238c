/** 首页之后才加载的部分的文字。 */
import { browsingZhCN } from '../browsing/zh-CN';
import { findingZhCN } from '../finding/zh-CN';
import { keysZhCN } from '../keys/zh-CN';
import { readingZhCN } from '../reading/zh-CN';

export const laterZhCN = {
  ...browsingZhCN,
  ...findingZhCN,
  ...keysZhCN,
  ...readingZhCN,
};

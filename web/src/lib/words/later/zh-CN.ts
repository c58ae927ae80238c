/** 首页之后才加载的部分的文字。 */
import { browsingZhCN } from '../browsing/zh-CN';

export const laterZhCN = { ...browsingZhCN };

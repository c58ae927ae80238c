/** 首页之后才加载的部分的文字。 */
import { browsingZhCN } from '../browsing/zh-CN';
import { findingZhCN } from '../finding/zh-CN';
import { helpingZhCN } from '../helping/zh-CN';
import { readingZhCN } from '../reading/zh-CN';
import { trustZhCN } from '../trust/zh-CN';

export const laterZhCN = {
  ...browsingZhCN,
  ...findingZhCN,
  ...helpingZhCN,
  ...readingZhCN,
  ...trustZhCN,
};

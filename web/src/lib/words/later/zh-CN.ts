/** 首页之后才加载的部分的文字。 */
import { browsingZhCN } from '../browsing/zh-CN';
import { findingZhCN } from '../finding/zh-CN';
import { helpingZhCN } from '../helping/zh-CN';
import { issuesZhCN } from '../issues/zh-CN';
import { readingZhCN } from '../reading/zh-CN';
import { systemZhCN } from '../system/zh-CN';
import { trustZhCN } from '../trust/zh-CN';

export const laterZhCN = {
  ...browsingZhCN,
  ...findingZhCN,
  ...helpingZhCN,
  ...issuesZhCN,
  ...readingZhCN,
  ...systemZhCN,
  ...trustZhCN,
};

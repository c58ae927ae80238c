/** 问题列表以外各页面的文字。 */
import type { PagesDictionary } from './en';

export const pagesZhCN: PagesDictionary = {
  'shell.attention': '待关注',
  'shell.board': '看板',
  'shell.live': '实时',
  'shell.statistics': '统计',
  'shell.more': '接入与帮助',
  'help.goAttention': '前往待关注',
  'help.goBoard': '前往看板',
  'help.goLive': '前往实时',
  'help.goStatistics': '前往统计',
};

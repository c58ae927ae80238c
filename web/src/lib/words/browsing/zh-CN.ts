/** 打开时才加载的页面上的文字。 */
import type { BrowsingDictionary } from './en';

export const browsingZhCN: BrowsingDictionary = {
  'board.none': '暂无',
  'board.mine': '只看我的',
  'board.how': '把卡片拖到允许的列。键盘：j k h l 或方向键移动，空格拿起和放下，e 查看全部流转。',
  'board.held': '已拿起 {type}。可移到：{statuses}。方向键选择，空格放下，Esc 取消。',
  'board.put': '已放到“{status}”。',
  'board.left': '保持原位。',
  'statistics.from': '开始于',
  'statistics.young': '之前没有可比的数据',
  'statistics.range': '时间长度',
  'statistics.month': '30 天',
  'statistics.csv': '下载 CSV',
  'statistics.change': '变化',
  'statistics.none': '两个时段都没有上报。',
  'statistics.type': '按类型',
  'statistics.project': '按项目',
  'statistics.level': '按级别',
  'statistics.typeNote': { other: '取上报最多的 {n} 个问题。' },
  'statistics.chart': { other: '{n} 次上报，前一时段 {before} 次' },
  'statistics.marks': '竖线：某版本的首次上报',
  'statistics.heat': '按星期和小时',
  'statistics.heatWeek': '最近 7 天，按你的时区。',
  'statistics.heatMonth': '最近 30 天，按你的时区。',
};

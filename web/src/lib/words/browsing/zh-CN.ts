/** 打开时才加载的页面上的文字。 */
import type { BrowsingDictionary } from './en';

export const browsingZhCN: BrowsingDictionary = {
  'board.none': '暂无',
  'board.mine': '只看我的',
  'board.how': '把卡片拖到允许的列。键盘：j k h l 或方向键移动，空格拿起和放下，e 查看全部流转。',
  'board.held': '已拿起 {type}。可移到：{statuses}。方向键选择，空格放下，Esc 取消。',
  'board.put': '已放到“{status}”。',
  'board.left': '保持原位。',
};

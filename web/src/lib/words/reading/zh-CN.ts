/** 问题页面和请求页面上的文字。 */
import type { Translated } from '../en';
import type { readingEn } from './en';

export const readingZhCN: Translated<typeof readingEn> = {
  'editor.title': '编辑器',
  'editor.hint': '点击位置即可在编辑器中打开。',
  'editor.none': '无',
  'editor.from': '堆栈中路径的开头',
  'editor.to': '本机对应的文件夹',
  'editor.open': '在 {editor} 中打开',
  'context.search': '在上下文中搜索',
  'context.none': '上下文中没有这段文字。',
  'related.title': '相关问题',
  'related.request': '同一请求中',
  'related.alike': '其他位置的相同错误',
  'sample.browser': '按浏览器',
  'sample.user': '按用户',
  'sample.other': '其他',
  'sample.of': { other: '最新 {n} 个事件' },
  'issueChart.by': '图表内容',
  'issueChart.days': '14 天',
  'issueChart.environment': '环境',
  'issueChart.version': '版本',
  'issueChart.day': '最近 24 小时',
  'event.tags': '标签',
  'event.alike': '此问题中带有该标签的事件',
};

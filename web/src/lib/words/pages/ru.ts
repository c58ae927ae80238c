/** Слова страниц, кроме списка проблем. */
import type { PagesDictionary } from './en';

export const pagesRu: PagesDictionary = {
  'shell.attention': 'Требует внимания',
  'shell.board': 'Доска',
  'shell.live': 'Сейчас',
  'shell.statistics': 'Статистика',
  'shell.more': 'Настройка и справка',
  'help.goAttention': 'К тому, что требует внимания',
  'help.goBoard': 'К доске',
  'help.goLive': 'К живой ленте',
  'help.goStatistics': 'К статистике',
};

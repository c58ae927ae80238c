/** Слова страницы проблемы и страницы запроса. */
import { forms } from '../forms';
import type { Translated } from '../en';
import type { readingEn } from './en';

export const readingRu: Translated<typeof readingEn> = {
  'editor.title': 'Редактор',
  'editor.hint': 'Щелчок по месту открывает его в вашем редакторе.',
  'editor.none': 'Нет',
  'editor.from': 'Пути в стеке начинаются с',
  'editor.to': 'Папка на этом компьютере',
  'editor.open': 'Открыть в {editor}',
  'context.search': 'Искать в контексте',
  'context.none': 'В контексте такого текста нет.',
  'related.title': 'Связанные',
  'related.request': 'В том же запросе',
  'related.alike': 'Та же ошибка в другом месте',
  'sample.browser': 'По браузерам',
  'sample.user': 'По пользователям',
  'sample.other': 'Другие',
  'sample.of': forms(
    'из {n} последнего события',
    'из {n} последних событий',
    'из {n} последних событий',
  ),
  'issueChart.by': 'Что показывает график',
  'issueChart.days': '14 дней',
  'issueChart.environment': 'Окружения',
  'issueChart.version': 'Версии',
  'issueChart.day': 'Последние 24 часа',
  'event.tags': 'Метки',
  'event.alike': 'События этой проблемы с такой же меткой',
};

/** Слова страниц, которые загружаются при открытии. */
import { forms } from '../forms';
import type { BrowsingDictionary } from './en';

export const browsingRu: BrowsingDictionary = {
  'board.none': 'Пусто',
  'board.mine': 'Только мои',
  'board.how':
    'Перетащите карточку туда, куда можно. С клавиатуры: j k h l или стрелки — ходить, ' +
    'пробел — взять и положить, e — все переходы.',
  'board.held':
    'Взята карточка {type}. Куда можно: {statuses}. Стрелки выбирают, пробел кладёт, Escape ' +
    'оставляет на месте.',
  'board.put': 'Положена в «{status}».',
  'board.left': 'Осталась на месте.',
  'statistics.from': 'С',
  'statistics.young': 'Раньше сравнить не с чем',
  'statistics.range': 'За какое время',
  'statistics.month': '30 дней',
  'statistics.csv': 'Скачать CSV',
  'statistics.change': 'Изменение',
  'statistics.none': 'Отчётов не было ни сейчас, ни до этого.',
  'statistics.type': 'По типам',
  'statistics.project': 'По проектам',
  'statistics.level': 'По уровням',
  'statistics.typeNote': forms(
    'Из {n} проблемы, у которой больше всего отчётов.',
    'Из {n} проблем, у которых больше всего отчётов.',
    'Из {n} проблем, у которых больше всего отчётов.',
  ),
  'statistics.chart': forms(
    '{n} отчёт, до этого {before}',
    '{n} отчёта, до этого {before}',
    '{n} отчётов, до этого {before}',
  ),
  'statistics.marks': 'Линии: первый отчёт версии',
  'statistics.heat': 'По дням недели и часам',
  'statistics.heatWeek': 'Последние 7 дней, в вашем часовом поясе.',
  'statistics.heatMonth': 'Последние 30 дней, в вашем часовом поясе.',
  'tail.rate': forms(
    '{n} за последнюю минуту',
    '{n} за последнюю минуту',
    '{n} за последнюю минуту',
  ),
  'tail.paused': 'Пауза: ничего не движется',
  'tail.pause': 'Пауза',
  'tail.resume': 'Продолжить',
  'tail.words': 'Слова или key:value',
  'tail.gap': 'Событий пришло больше, чем показано: часть здесь пропущена.',
  'tail.older': 'Более ранние события',
  'tail.none': 'Подходящих событий пока нет. Новые появятся здесь сами.',
  'projects.day': forms('{n} отчёт за 24 ч', '{n} отчёта за 24 ч', '{n} отчётов за 24 ч'),
  'projects.inDay': 'отчётов за 24 ч',
  'setup.send': 'Отправить пробный отчёт',
  'setup.test':
    'Он уходит отсюда, в окружении development с уровнем INFO, и становится отдельной проблемой.',
  'setup.paste': 'Скопировать код: ставить ничего не нужно',
  'setup.client': 'С клиентом: его нужно установить, зато он сам видит больше',
};

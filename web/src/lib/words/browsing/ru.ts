/** Слова страниц, которые загружаются при открытии. */
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
};

/** Слова частей, которые загружаются после первой страницы. */
import { browsingRu } from '../browsing/ru';
import { findingRu } from '../finding/ru';
import { keysRu } from '../keys/ru';
import { readingRu } from '../reading/ru';

export const laterRu = {
  ...browsingRu,
  ...findingRu,
  ...keysRu,
  ...readingRu,
};

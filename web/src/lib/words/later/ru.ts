/** Слова частей, которые загружаются после первой страницы. */
import { browsingRu } from '../browsing/ru';
import { findingRu } from '../finding/ru';
import { helpingRu } from '../helping/ru';
import { readingRu } from '../reading/ru';
import { trustRu } from '../trust/ru';

export const laterRu = {
  ...browsingRu,
  ...findingRu,
  ...helpingRu,
  ...readingRu,
  ...trustRu,
};

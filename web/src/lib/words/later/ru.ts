/** Слова частей, которые загружаются после первой страницы. */
import { browsingRu } from '../browsing/ru';
import { findingRu } from '../finding/ru';
import { helpingRu } from '../helping/ru';
import { issuesRu } from '../issues/ru';
import { readingRu } from '../reading/ru';
import { systemRu } from '../system/ru';
import { trustRu } from '../trust/ru';

export const laterRu = {
  ...browsingRu,
  ...findingRu,
  ...helpingRu,
  ...issuesRu,
  ...readingRu,
  ...systemRu,
  ...trustRu,
};

/** Слова частей, которые загружаются после первой страницы. */
import { findingRu } from '../finding/ru';
import { readingRu } from '../reading/ru';

export const laterRu = { ...findingRu, ...readingRu };

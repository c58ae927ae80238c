/** Слова частей, которые загружаются после первой страницы. */
import { browsingRu } from '../browsing/ru';

export const laterRu = { ...browsingRu };

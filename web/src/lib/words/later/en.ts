/** The words of all parts that are loaded after the first page. */
import { findingEn } from '../finding/en';
import { readingEn } from '../reading/en';

export const laterEn = { ...findingEn, ...readingEn };

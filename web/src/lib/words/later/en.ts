/** The words of all parts that are loaded after the first page. */
import { browsingEn } from '../browsing/en';
import { findingEn } from '../finding/en';
import { keysEn } from '../keys/en';
import { readingEn } from '../reading/en';

export const laterEn = {
  ...browsingEn,
  ...findingEn,
  ...keysEn,
  ...readingEn,
};

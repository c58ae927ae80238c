/** The words of all parts that are loaded after the first page. */
import { browsingEn } from '../browsing/en';
import { findingEn } from '../finding/en';
import { helpingEn } from '../helping/en';
import { readingEn } from '../reading/en';
import { trustEn } from '../trust/en';

export const laterEn = {
  ...browsingEn,
  ...findingEn,
  ...helpingEn,
  ...readingEn,
  ...trustEn,
};

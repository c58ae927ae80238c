/** The words of all parts that are loaded after the first page. */
import { browsingEn } from '../browsing/en';
import { findingEn } from '../finding/en';
import { helpingEn } from '../helping/en';
import { issuesEn } from '../issues/en';
import { readingEn } from '../reading/en';
import { systemEn } from '../system/en';
import { trustEn } from '../trust/en';

export const laterEn = {
  ...browsingEn,
  ...findingEn,
  ...helpingEn,
  ...issuesEn,
  ...readingEn,
  ...systemEn,
  ...trustEn,
};

/** The words of all parts that are loaded after the first page. */
import { browsingEn } from '../browsing/en';

export const laterEn = { ...browsingEn };

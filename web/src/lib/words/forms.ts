/** The four plural forms of Russian. */
import type { Forms } from '../phrase';

/** 1 отчёт, 2 отчёта, 5 отчётов; of a fraction the form is nearly always that of 2. */
export function forms(one: string, few: string, many: string, other = few): Forms {
  return { one, few, many, other };
}

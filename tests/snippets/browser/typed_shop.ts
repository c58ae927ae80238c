// A page in TypeScript, and what its compiler has to accept.
import { type Known, reportError } from './report-error';

function total(order: string): number {
  return JSON.parse(order).total; // RAISED HERE
}

const circle: Record<string, unknown> = { big: 7n };
circle['self'] = circle;
const known: Known = { level: 'WARNING', code: 'OrderError' };
try {
  total('{');
} catch (error) {
  reportError(error, { user_id: 'u_7', request_id: 'req-42', circle }, known);
  reportError(error);
}
reportError('only words', { text: 'x'.repeat(100_000) });
document.title = 'done';

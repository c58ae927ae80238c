// A script that reports by hand what JSON cannot hold, or ends by an error or a rejection.
import { reportError } from './report-error-node.mjs';

function total(order) {
  return JSON.parse(order); // RAISED HERE
}

const circle = { big: 7n, when: new Date(0), call: () => {} };
circle.self = circle;
const unreadable = { get secret() { throw new Error('not to be read'); } };

switch (process.argv[2]) {
  case 'odd':
    try {
      total('{');
    } catch (error) {
      reportError(error, { user_id: 'u_7', circle });
      reportError(error);
    }
    reportError(new RangeError('an unreadable context'), { unreadable });
    console.log('went on');
    break;
  case 'rejection':
    Promise.reject('only a word');
    break;
  default:
    total('{');
}

// A page in a browser that has no beacons.
import { reportError } from './report-error.js';

navigator.sendBeacon = undefined;
const error = new TypeError('by fetch');
reportError(error);
reportError(error);
document.title = 'done';

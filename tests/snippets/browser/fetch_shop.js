// A page in a browser that has no beacons.
import { reportError } from './report-error.js';

navigator.sendBeacon = undefined;
reportError(new TypeError('by fetch')); // RAISED HERE
document.title = 'done';

// A page whose code fails in the ways that nobody catches.
import './report-error.js';

function total(order) {
  return JSON.parse(order); // RAISED HERE
}

document.title = 'done';
Promise.reject(new RangeError('nobody waits')); // REJECTED HERE
setTimeout(() => Promise.reject({ reason: 'an object' }), 50);
setTimeout(() => total('{'), 100);

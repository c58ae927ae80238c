// A page whose requests fail: only those that are the server's fault are reported.
import axios from 'axios';
import { reportFailures } from './log-center-axios.js';

const client = axios.create({ baseURL: location.origin });
reportFailures(client);
const outcomes = [];
const ask = (path, more) => client
  .get(path, { headers: { Authorization: 'Bearer not-for-anybody' }, ...more })
  .catch((error) => outcomes.push(error.code));

await ask('/failing/orders/7', { params: { coupon: 'spring' } });
await ask('/failing/orders/8');
await ask('/missing/7');
await ask('/silent/7', { timeout: 500 });
await ask('/silent/8', { signal: AbortSignal.timeout(100) });
const cancelled = new AbortController();
setTimeout(() => cancelled.abort(), 50);
await ask('/silent/9', { signal: cancelled.signal });
await ask('http://127.0.0.1:9/lost');
document.title = `done ${outcomes}`;

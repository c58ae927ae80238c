// A worker that fails, and a parent that hears of it.
import { Worker, isMainThread } from 'node:worker_threads';
import { init } from 'log-center';

init({ project: 'worker' });
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.on('error', (error) => console.log(`the parent heard: ${error.message}`));
} else {
  setImmediate(() => {
    throw new RangeError('in the worker');
  });
}

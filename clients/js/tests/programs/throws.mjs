// Does what LOG_CENTER_TEST_ACT says, then would live on for half a minute.
import { createRequire } from 'node:module';
import { init, reportError } from 'log-center';

init({ environment: 'test' });
const alive = setTimeout(() => {}, 30_000);

const acts = {
  exception() {
    setImmediate(() => {
      throw new RangeError('nobody caught me');
    });
  },
  rejection() {
    void Promise.reject(new RangeError('nobody awaited me'));
  },
  text() {
    void Promise.reject('a text');
  },
  both() {
    process.on('uncaughtException', (error, origin) => {
      console.log(`heard: ${error.message}, ${origin}`);
    });
    acts.rejection();
    setTimeout(acts.text, 10);
    clearTimeout(alive);
  },
  twice() {
    createRequire(import.meta.url)('log-center').init({ environment: 'test' });
    acts.exception();
  },
  texts() {
    process.on('unhandledRejection', () => {});
    for (const reason of ['quota', undefined]) void Promise.reject(reason);
    clearTimeout(alive);
  },
  storm() {
    for (let count = 0; count < 20; count += 1) reportError(new RangeError('often'));
    if (process.env.LOG_CENTER_TEST_END === 'exit') process.exit(3);
    if (process.env.LOG_CENTER_TEST_END === 'idle') clearTimeout(alive);
  },
  exit() {
    reportError(new RangeError('then I left'));
    process.exit(3);
  },
  last() {
    process.on('exit', () => {
      throw new RangeError('the last one');
    });
    clearTimeout(alive);
  },
  end() {
    reportError(new RangeError('then I was done'));
    clearTimeout(alive);
  },
  continue() {
    acts.exception();
    setTimeout(() => {
      console.log('still here');
      process.exit(0);
    }, 50);
  },
  listener() {
    process.on('uncaughtException', () => setTimeout(() => process.exit(7), 10));
    acts.exception();
  },
};
acts[process.env.LOG_CENTER_TEST_ACT]();

// Programs that end by an error, by themselves or at once: the error arrives, and the program ends
// as it would without the client.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freePort } from './broker.mjs';
import { run, startLogCenter, startStub } from './program.mjs';

const FILE = 'tests/programs/throws.mjs';
let center;

before(async () => {
  center = await startLogCenter();
});
after(() => center.stop());

async function ends(act, { mode = 'exit', url = center.url, project = `process_${act}` } = {}) {
  const names = { LOG_CENTER_URL: url, LOG_CENTER_PROJECT: project, LOG_CENTER_TEST_ACT: act };
  const program = run(FILE, { env: { ...names, LOG_CENTER_ON_UNCAUGHT: mode } });
  const began = Date.now();
  const code = await program.ended();
  return { code, ms: Date.now() - began, output: program.output.join('') };
}

test('an uncaught exception is reported as critical, shown, and ends the program', async () => {
  const { code, output } = await ends('exception');
  assert.equal(code, 1);
  assert.match(output, /RangeError: nobody caught me/);
  const [event] = await center.eventsIn('process_exception');
  assert.equal(event.level, 'CRITICAL');
  assert.equal(event.error.type, 'RangeError');
  assert.equal(event.error.file_path, FILE);
  assert.equal(event.context.mechanism, 'uncaughtException');
});

test('an unhandled rejection is reported and ends the program', async () => {
  const { code, output } = await ends('rejection');
  assert.equal(code, 1);
  assert.match(output, /nobody awaited me/);
  const [event] = await center.eventsIn('process_rejection');
  assert.equal(event.level, 'ERROR');
});

test('process.exit loses no report', async () => {
  const { code } = await ends('exit');
  assert.equal(code, 3);
  const [event] = await center.eventsIn('process_exit');
  assert.equal(event.error.message, 'then I left');
});

for (const way of ['exit', 'idle', 'live']) {
  test(`the rest of a storm is told: ${way}`, async (t) => {
    const project = `process_storm_${way}`;
    const names = { LOG_CENTER_URL: center.url, LOG_CENTER_PROJECT: project };
    const acts = { LOG_CENTER_TEST_ACT: 'storm', LOG_CENTER_TEST_END: way };
    const program = run(FILE, { env: { ...names, ...acts } });
    t.after(() => program.stop());
    const events = await center.eventsIn(project, 6);
    // Five, and one for all the others.
    const folded = events.map((one) => one.context.folded ?? 0);
    assert.deepEqual(folded.sort(), [0, 0, 0, 0, 0, 14]);
  });
}

test('what is rejected and is no error is told of each, at no place of the client', async () => {
  assert.equal((await ends('texts')).code, 0);
  const events = await center.eventsIn('process_texts', 2);
  assert.deepEqual(events.map((one) => one.error.message).sort(), ['quota', 'undefined']);
  for (const { error } of events) {
    assert.deepEqual([error.file_path, error.line_number], ['unknown', 0]);
    assert.ok(!error.stack_trace.join().includes('clients/js/dist'), error.stack_trace.join());
  }
});

test('an error in the last event is reported, and the code tells of it', async () => {
  const { code, output } = await ends('last');
  assert.equal(code, 1);
  assert.match(output, /RangeError: the last one/);
  const [event] = await center.eventsIn('process_last');
  assert.equal(event.error.message, 'the last one');
});

test('a script that is done ends by itself once its report is sent', async () => {
  const { code } = await ends('end');
  assert.equal(code, 0);
  const [event] = await center.eventsIn('process_end');
  assert.equal(event.error.message, 'then I was done');
});

test('the program may be told to live on, or only to be observed', async () => {
  const lived = await ends('continue', { mode: 'continue' });
  assert.equal(lived.code, 0);
  assert.match(lived.output, /still here/);
  const seen = await ends('exception', { mode: 'observe', project: 'process_observed' });
  assert.equal(seen.code, 1);
  const [event] = await center.eventsIn('process_observed');
  assert.equal(event.level, 'CRITICAL');
});

test('another listener of the program decides how it ends', async () => {
  const { code } = await ends('listener');
  assert.equal(code, 7);
  await center.eventsIn('process_listener');
});

test('a listener for exceptions hears of rejections, and the program lives on', async () => {
  const { code, output } = await ends('both');
  assert.equal(code, 0);
  assert.match(output, /heard: nobody awaited me, unhandledRejection/);
  assert.match(output, /heard: .* reason "a text".*, unhandledRejection/);
  const events = await center.eventsIn('process_both', 2);
  assert.deepEqual(events.map((one) => one.error.type).sort(), ['NonError', 'RangeError']);
});

test('with both formats of the package the program ends as with none', async () => {
  const { code, output } = await ends('twice');
  assert.equal(code, 1);
  assert.match(output, /RangeError: nobody caught me/);
  assert.equal((await center.eventsIn('process_twice')).length, 1);
});

test('what Node says at the end is said', async () => {
  const plain = await ends('exception', { url: '' });
  const watched = await ends('exception');
  assert.equal(watched.output, plain.output);
  assert.match(plain.output, /\^\n[\s\S]*Node\.js v/);
  for (const act of ['rejection', 'text']) {
    assert.equal((await ends(act)).output, (await ends(act, { url: '' })).output);
  }
});

test('a Log Center that hangs or is away delays the end by little', async () => {
  const stub = await startStub(() => ({ status: 200, hang: true }));
  const hung = await ends('exception', { url: stub.url });
  const gone = await ends('exception', { url: `http://127.0.0.1:${await freePort()}` });
  await stub.stop();
  assert.equal(hung.code, 1);
  assert.equal(gone.code, 1);
  console.log(`ended after ${hung.ms} ms (hangs), ${gone.ms} ms (away)`);
});

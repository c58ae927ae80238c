// Log Center away, hanging, failing or refusing: an application answers as it would without us.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run, startStub } from './program.mjs';

const REQUESTS = 60;

const FAULTS = {
  'is there': () => ({ status: 200 }),
  'answers 500': () => ({ status: 500 }),
  'asks for silence': () => ({ status: 429, headers: { 'retry-after': '60' } }),
  'refuses': () => ({ status: 403 }),
  'hangs': () => ({ status: 200, hang: true }),
  'is away': undefined,
};

for (const [name, answer] of Object.entries(FAULTS)) {
  test(`while Log Center ${name}, every request is answered as ever`, async (t) => {
    const stub = await startStub(answer);
    if (answer) t.after(() => stub.stop());
    else await stub.stop();
    const env = { LOG_CENTER_URL: stub.url, ENVIRONMENT: 'production' };
    const program = run('examples/express.mjs', { env });
    t.after(() => program.stop());
    const url = await program.listening();
    const times = [];
    for (let count = 0; count < REQUESTS; count += 1) {
      const began = performance.now();
      const response = await fetch(`${url}/broken/${count}`);
      const { code, requestId } = await response.json();
      times.push(performance.now() - began);
      assert.equal(response.status, 500);
      assert.equal(code, 'AppError');
      assert.equal(requestId, response.headers.get('x-request-id'));
    }
    times.sort((a, b) => a - b);
    console.log(`${name}: ${times[REQUESTS >> 1].toFixed(1)} ms a request`);
    assert.equal(program.child.exitCode, null);
    assert.deepEqual(program.output.filter((line) => line.includes('log-center')), []);
  });
}

// The real Log Center on a free port, a local server that fails on demand, and programs to start.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const CLIENT = resolve(import.meta.dirname, '..');
export const ROOT = resolve(CLIENT, '../..');
const START_MS = 20_000;

/** The program under test: LOG_CENTER_BIN, else one that was built here. */
function binary() {
  const target = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');
  const built = ['ci', 'release', 'debug'].map((profile) => join(target, profile, 'log-center'));
  const found = [process.env.LOG_CENTER_BIN, ...built].find((path) => path && existsSync(path));
  if (!found) throw new Error('build the program first, or name it in LOG_CENTER_BIN');
  return found;
}

/** Waits until a question has an answer. */
export async function until(question, what = 'the answer') {
  for (let left = 600; left > 0; left -= 1) {
    const answer = await question();
    if (answer) return answer;
    await new Promise((next) => setTimeout(next, 25));
  }
  throw new Error(`${what} did not come`);
}

/** The first line of a child's output that fits, within its time. */
function firstLine(child, pattern, gather) {
  return new Promise((found, fail) => {
    const late = setTimeout(() => fail(new Error('it did not start')), START_MS);
    createInterface({ input: child.stdout }).on('line', (line) => {
      gather?.push(line);
      const match = pattern.exec(line);
      if (!match) return;
      clearTimeout(late);
      found(match);
    });
    child.on('exit', (code) => {
      clearTimeout(late);
      fail(new Error(`it ended with ${code}: ${(gather ?? []).join('\n')}`));
    });
  });
}

/** Starts `log-center serve` with a folder of its own. */
export async function startLogCenter() {
  const data = mkdtempSync(join(tmpdir(), 'log-center-js-'));
  const words = ['serve', '--data', data, '--listen', '127.0.0.1:0'];
  const child = spawn(binary(), words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [address] = await firstLine(child, /127\.0\.0\.1:\d+/);
  const url = `http://${address}`;
  const ask = async (path) => {
    const answer = await fetch(url + path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const whole = async ({ items }) =>
    Promise.all(
      items.map((one) => ask(`/api/v1/events/${one.event_id}?project_id=${one.project_id}`)),
    );
  return {
    url,
    ask,
    /** The events of one request, whole, once there are as many as wanted. */
    async eventsOf(requestId, wanted = 1) {
      const path = `/api/v1/events?request_id=${encodeURIComponent(requestId)}`;
      const enough = async () => {
        const list = await ask(path);
        return list.items.length >= wanted && list;
      };
      return whole(await until(enough, `the event of request ${requestId}`));
    },
    /** The events of a project, whole, once there are as many as wanted. */
    async eventsIn(project, wanted = 1) {
      const path = `/api/v1/events?project_id=${project}&limit=200`;
      const enough = async () => {
        const list = await ask(path);
        return list.items.length >= wanted && list;
      };
      return whole(await until(enough, `an event of ${project}`));
    },
    async stop() {
      child.removeAllListeners('exit');
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** A server in Log Center's place that keeps what it got and answers as it is told. */
export async function startStub(answer = () => ({ status: 200 })) {
  const got = [];
  const open = new Set();
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part)).on('end', () => {
      const body = Buffer.concat(parts).toString();
      const reports = body ? [JSON.parse(body)].flat() : [];
      got.push({ path: request.url, headers: request.headers, body, reports, at: Date.now() });
      const { status, headers = {}, hang = false } = answer(got.length, reports);
      if (hang) return;
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end('{"status":"ok"}');
    });
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    got,
    get reports() {
      return got.flatMap((one) => one.reports);
    },
    async stop() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Starts a program that prints the address it listens on; or one that just runs. */
export function run(file, { env = {}, args = [], cwd = CLIENT } = {}) {
  const child = spawn(process.execPath, [...args, file], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = [];
  child.stderr.on('data', (part) => output.push(String(part)));
  return {
    child,
    output,
    async listening() {
      const [, url] = await firstLine(child, /(http:\/\/\S+)/, output);
      child.removeAllListeners('exit');
      return url;
    },
    async ended() {
      child.stdout.on('data', (part) => output.push(String(part)));
      if (child.exitCode === null) await once(child, 'exit');
      return child.exitCode;
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}

// A RabbitMQ of our own, on free ports and in a folder of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// Debian's; its script in /usr/sbin would change to another user.
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const START_MS = 60_000;

export const isBrokerInstalled = existsSync(SERVER);

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export async function startBroker() {
  const folder = mkdtempSync(join(tmpdir(), 'log-center-rabbit-'));
  const [port, names, distribution] = [await freePort(), await freePort(), await freePort()];
  const env = {
    ...process.env,
    HOME: folder,
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: folder,
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: join(folder, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}',
  };
  // Started here, so that it does not live on as a daemon.
  const register = spawn('epmd', [], { env, stdio: 'ignore' });
  const server = spawn(SERVER, { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const output = [];
  await new Promise((ready, fail) => {
    const late = setTimeout(() => fail(new Error(output.slice(-9).join('\n'))), START_MS);
    createInterface({ input: server.stdout }).on('line', (line) => {
      output.push(line);
      if (!line.includes('Server startup complete')) return;
      clearTimeout(late);
      ready();
    });
    server.on('exit', () => fail(new Error(output.slice(-9).join('\n'))));
  });
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    async stop() {
      server.removeAllListeners('exit');
      // The script and the machine that it started.
      process.kill(-server.pid, 'SIGKILL');
      await once(server, 'exit');
      register.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

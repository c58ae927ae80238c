// Fastify 5 or 4.
import Fastify from 'fastify';
import { DatabaseConnectionError, init, setUser } from 'log-center';
import { logCenter } from 'log-center/fastify';

init({ project: 'fastify_shop' });

const app = Fastify();
app.register(logCenter, { answer: true }); // before the routes
app.post('/orders/:id', async (request) => {
  setUser({ id: request.headers['x-user'] });
  if (request.params.id === '0') throw new DatabaseConnectionError('the database is away');
  return total(request.body);
});

const total = (order) => order.lines.reduce((sum, line) => sum + line.price, 0);

console.log(await app.listen({ port: 0, host: '127.0.0.1' }));

// Koa 3 or 2.
import bodyParser from 'koa-bodyparser';
import Koa from 'koa';
import { DatabaseConnectionError, init, setUser } from 'log-center';
import { requestMiddleware, watchErrors } from 'log-center/koa';

init({ project: 'koa_shop' });

const app = new Koa();
watchErrors(app); // also what happens after the middleware, such as streams that break
app.use(requestMiddleware({ answer: process.env.ANSWER === 'structured' })); // the outermost
app.use(bodyParser());
app.use((ctx) => {
  setUser({ id: ctx.get('x-user') });
  const id = /^\/orders\/(\d+)$/.exec(ctx.path)?.[1];
  if (!id) ctx.throw(404, 'no such page');
  ctx.params = { id };
  if (id === '0') throw new DatabaseConnectionError('the database is away');
  ctx.body = total(ctx.request.body);
});

const total = (order) => order.lines.reduce((sum, line) => sum + line.price, 0);

const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});

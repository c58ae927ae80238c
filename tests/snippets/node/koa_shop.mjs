// A Koa application that fails.
import Koa from 'koa';

const app = new Koa();
app.silent = true;
if (!process.env.PLAIN) {
  const { logCenter } = await import('./log-center-koa.js');
  app.use(logCenter);
}
app.use((ctx) => {
  ctx.state.user = { id: 'u_7' };
  if (ctx.path.startsWith('/orders/')) {
    ctx.params = { number: ctx.path.slice(8) };
    JSON.parse('{'); // RAISED HERE
  }
  ctx.throw(403);
});
const server = app.listen(0, '127.0.0.1', () => console.log('listening', server.address().port));

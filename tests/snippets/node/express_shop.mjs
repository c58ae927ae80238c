// An Express application with routes that fail.
import express from 'express';

const app = express();
app.use((req, res, next) => {
  req.user = { id: 'u_7' };
  next();
});
app.get('/orders/:number', async () => JSON.parse('{')); // RAISED HERE
app.get('/refused', () => {
  throw Object.assign(new Error('not for you'), { status: 403 });
});
if (!process.env.PLAIN) {
  const { logCenter } = await import('./log-center-express.js');
  app.use(logCenter);
}
const server = app.listen(0, '127.0.0.1', () => console.log('listening', server.address().port));

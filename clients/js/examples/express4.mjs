// Express 4, which leaves rejected promises to the handler.
import express from 'express';
import { DatabaseConnectionError, init, setUser } from 'log-center';
import { errorHandler, requestMiddleware } from 'log-center/express';

init({ project: 'express4_shop' });

const app = express();
app.use(requestMiddleware()); // before everything else
app.use(express.json());
app.use((request, _response, next) => {
  setUser({ id: request.get('x-user') });
  next();
});

app.post('/orders/:id', (request, response) => {
  if (request.params.id === '0') throw new DatabaseConnectionError('the database is away');
  response.json(total(request.body));
});

const total = (order) => order.lines.reduce((sum, line) => sum + line.price, 0);

app.use(errorHandler()); // after all routes; Express answers

const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});

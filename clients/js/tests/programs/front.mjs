// A service that asks another one (BACK_URL), by fetch or by axios, within a request of its own.
import axios from 'axios';
import express from 'express';
import { init } from 'log-center';
import { watchAxios } from 'log-center/axios';
import { errorHandler, requestMiddleware } from 'log-center/express';

init({ project: 'front' });
const api = watchAxios(axios.create({ baseURL: process.env.BACK_URL }));

const app = express();
app.use(requestMiddleware());
app.get('/fetch', async (_request, response) => {
  const answer = await fetch(`${process.env.BACK_URL}/fetch`);
  response.json({ status: answer.status });
});
app.get('/own', async (_request, response) => {
  await fetch(`${process.env.BACK_URL}/own`, { headers: { 'X-Request-Id': 'chosen' } });
  response.json({});
});
app.get('/axios', async (_request, response) => response.json((await api.get('/axios')).data));
app.get('/gone', async (_request, response) => {
  const answer = await fetch(`${process.env.GONE_URL}/orders?page=2`);
  response.json(await answer.json());
});
app.use(errorHandler({ answer: true }));
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});

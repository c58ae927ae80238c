// Compiled, never run: the client's types fit those of the frameworks, in strict mode.

import { ApolloServer } from '@apollo/server';
import axios from 'axios';
import express from 'express';
import Fastify from 'fastify';
import Koa from 'koa';
import { NestFactory } from '@nestjs/core';
import { APP_FILTER } from '@nestjs/core';
import { createApp } from 'vue';
import { createRoot } from 'react-dom/client';
import * as client from 'log-center';
import * as page from 'log-center/browser';
import { formatError, logCenterPlugin } from 'log-center/apollo';
import { watchAxios } from 'log-center/axios';
import { errorHandler, requestMiddleware, reportRequestError } from 'log-center/express';
import { logCenter } from 'log-center/fastify';
import { requestMiddleware as koaMiddleware, watchErrors } from 'log-center/koa';
import { install, LogCenterFilter } from 'log-center/nestjs';
import { ErrorBoundary, reactErrorHandlers } from 'log-center/react';
import { reportBoundary, reportKitErrors } from 'log-center/svelte';
import { logCenterVue } from 'log-center/vue';

client.init({
  url: process.env.LOG_CENTER_URL,
  codeLevelMap: { ValidationError: 'error' },
  ignore: ['aborted', /^Socket/],
  beforeSend: (report, { error }) => (error instanceof RangeError ? null : report),
});
page.init({ url: undefined, project: 'shop' });

const app = express();
app.use(requestMiddleware());
app.use(errorHandler({ answer: true }));
const handler: express.ErrorRequestHandler = (error, request, _response, next) => {
  reportRequestError(error, request);
  next(error);
};
app.use(handler);

const koa = new Koa();
watchErrors(koa);
koa.use(koaMiddleware({ answer: true }));

void Fastify().register(logCenter, { answer: true });

void new ApolloServer({ typeDefs: '', plugins: [logCenterPlugin()], formatError });

const api = watchAxios(axios.create());
void api.get<string>('/').then(({ data }) => data.length);

class App {}
void NestFactory.create(App).then((one) => install(one, { answer: true }));
export const provider = { provide: APP_FILTER, useClass: LogCenterFilter };

createApp({}).use(logCenterVue);
createRoot(document.body, reactErrorHandlers()).render(null);
export const parts = [ErrorBoundary, reportBoundary, reportKitErrors()];

export class OutOfStock extends client.AppError {
  static override code = 'OutOfStock';
}
type Job = (day: string) => Promise<number>;
export const job: Job = client.watch('job', (day: string) => day.length);
export const answer: client.StructuredError = client.formatError(new OutOfStock('none'));
export const value: number = client.withContext({ request_id: '1' }, () => 7);

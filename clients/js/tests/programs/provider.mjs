// A Nest application that has the filter as a provider, and on its gateway, instead of `install`.
import 'reflect-metadata';
import { Controller, Get, Module, UseFilters } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { init } from 'log-center';
import { LogCenterFilter, requestMiddleware } from 'log-center/nestjs';

init({ project: 'nest_provider' });

class Shop {
  total() {
    return [].lines.reduce();
  }
}
const total = Object.getOwnPropertyDescriptor(Shop.prototype, 'total');
Get('total')(Shop.prototype, 'total', total);
Controller()(Shop);

class Orders {
  total() {
    return [].lines.reduce();
  }
}
const ofMessage = Object.getOwnPropertyDescriptor(Orders.prototype, 'total');
SubscribeMessage('total')(Orders.prototype, 'total', ofMessage);
WebSocketGateway()(Orders);
UseFilters(LogCenterFilter)(Orders);

class App {}
const providers = [Orders, { provide: APP_FILTER, useClass: LogCenterFilter }];
Module({ controllers: [Shop], providers })(App);

const app = await NestFactory.create(App, { logger: ['error'] });
app.use(requestMiddleware());
app.useWebSocketAdapter(new WsAdapter(app));
await app.listen(0, '127.0.0.1');
console.log(await app.getUrl());

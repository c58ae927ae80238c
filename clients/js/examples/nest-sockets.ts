// A gateway of NestJS 12, 11 or 10, over plain WebSockets.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import { init } from 'log-center';
import { install } from 'log-center/nestjs';

init({ project: 'nest_sockets' });

type Order = { lines: { price: number }[] };

@WebSocketGateway()
class Orders {
  @SubscribeMessage('total')
  total(@MessageBody() order: Order): number {
    return order.lines.reduce((sum, line) => sum + line.price, 0);
  }

  @SubscribeMessage('refused')
  refused(): never {
    throw new WsException('not yours');
  }
}

@Module({ providers: [Orders] })
class App {}

const app = await NestFactory.create(App, { logger: ['error'] });
app.useWebSocketAdapter(new WsAdapter(app));
install(app);
await app.listen(0, '127.0.0.1');
console.log(await app.getUrl());

// A microservice of Nest on RabbitMQ alone, in the versions that golevelup does not fit.
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Transport } from '@nestjs/microservices';
import { init } from 'log-center';
import { install } from 'log-center/nestjs';

init({ project: 'nest_rabbit' });

class Totals {
  total(order) {
    return order.lines.reduce((sum, line) => sum + line.price, 0);
  }
}
const total = Object.getOwnPropertyDescriptor(Totals.prototype, 'total');
MessagePattern('order.total')(Totals.prototype, 'total', total);
Controller()(Totals);

class App {}
Module({ controllers: [Totals] })(App);

const options = { urls: [process.env.RABBIT_URL], queue: process.env.RABBIT_QUEUE };
const app = await NestFactory.createMicroservice(App, {
  transport: Transport.RMQ, options, logger: ['error'],
});
install(app);
await app.listen();
console.log('http://listens.to/a-queue');

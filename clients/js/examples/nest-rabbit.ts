// NestJS with RabbitMQ: a microservice of Nest's own, and golevelup's subscriptions.
import 'reflect-metadata';
import { RabbitMQModule, RabbitSubscribe } from '@golevelup/nestjs-rabbitmq';
import { Controller, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { init } from 'log-center';
import { install } from 'log-center/nestjs';

init({ project: 'rabbit_shop' });

const uri = process.env.RABBIT_URL!;
type Order = { lines: { price: number }[] };
const total = (order: Order) => order.lines.reduce((sum, line) => sum + line.price, 0);

@Controller()
class Totals {
  @MessagePattern('order.total')
  total(@Payload() order: Order): number {
    return total(order);
  }
}

@Injectable()
class Invoices {
  // A message that fails is put back into the queue, unless `errorBehavior` says otherwise.
  @RabbitSubscribe({ exchange: 'orders', routingKey: 'order.made', queue: 'invoices' })
  made(order: Order): void {
    total(order);
  }
}

const exchanges = [{ name: 'orders', type: 'topic' }];
@Module({
  imports: [RabbitMQModule.forRoot({ uri, exchanges, connectionInitOptions: { wait: true } })],
  controllers: [Totals],
  providers: [Invoices],
})
class App {}

const app = await NestFactory.create(App, { logger: ['error'] });
install(app);
const messages = { transport: Transport.RMQ, options: { urls: [uri], queue: 'totals' } };
app.connectMicroservice(messages, { inheritAppConfig: true });
await app.startAllMicroservices();
await app.listen(0, '127.0.0.1');
console.log(await app.getUrl());

// NestJS 12, 11 or 10: HTTP, GraphQL and a microservice in one application.
import 'reflect-metadata';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Body, Controller, Module, NotFoundException, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Args, GraphQLModule, Int, Query, Resolver } from '@nestjs/graphql';
import { MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { DatabaseConnectionError, ForbiddenError, init, setUser } from 'log-center';
import { install } from 'log-center/nestjs';

init({ project: 'nest_shop' });

type Order = { lines: { price: number }[] };
const total = (order: Order) => order.lines.reduce((sum, line) => sum + line.price, 0);

@Controller()
class Shop {
  @Post('orders/:id')
  create(@Param('id') id: string, @Body() order: Order): number {
    if (id === '0') throw new DatabaseConnectionError('the database is away');
    if (id === '403') throw new ForbiddenError('not yours');
    if (id === '404') throw new NotFoundException('no such order');
    setUser({ id: 'ann' });
    return total(order);
  }

  @MessagePattern('total')
  ofMessage(@Payload() order: Order): number {
    return total(order);
  }
}

@Resolver()
class Orders {
  @Query(() => Int, { nullable: true })
  total(@Args('id') id: string): number {
    return total({ id } as unknown as Order);
  }
}

@Module({
  imports: [
    GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
  ],
  controllers: [Shop],
  providers: [Orders],
})
class App {}

const app = await NestFactory.create(App, { logger: ['error'] });
install(app); // before the microservices
const port = Number(process.env.MESSAGE_PORT);
const messages = { transport: Transport.TCP, options: { port } };
app.connectMicroservice(messages, { inheritAppConfig: true });
await app.startAllMicroservices();
await app.listen(0, '127.0.0.1');
console.log(await app.getUrl());

// A Nest application with routes that fail.
import 'reflect-metadata';
import { Controller, ForbiddenException, Get, Module } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { LogCenterFilter } from './log-center.filter.js';

@Controller()
class Shop {
  @Get('orders/:number')
  order() {
    return JSON.parse('{'); // RAISED HERE
  }

  @Get('refused')
  refused() {
    throw new ForbiddenException();
  }
}

const filter = { provide: APP_FILTER, useClass: LogCenterFilter };

@Module({ controllers: [Shop], providers: process.env['PLAIN'] ? [] : [filter] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
app.use((request: { user?: object }, _response: unknown, next: () => void) => {
  request.user = { id: 'u_7' };
  next();
});
await app.listen(0, '127.0.0.1');
console.log('listening', app.getHttpServer().address().port);

// npm install log-center-0.1.0.tgz, made in clients/js of Log Center's repository, and in main.ts:
import { NestFactory } from '@nestjs/core';
import { init } from 'log-center';
import { install } from 'log-center/nestjs';
import { AppModule } from './app.module';

init({ url: 'http://localhost:8002', project: 'my_project', environment: 'production' });

const app = await NestFactory.create(AppModule);
install(app); // before microservices are connected
await app.listen(3000);

import { ValidationPipe } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';

import type { Environment } from './config/environment.js';
import { OrderModule } from './order.module.js';

const app = await NestFactory.create(OrderModule);
const config = app.get<ConfigService<Environment, true>>(ConfigService);
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
app.enableShutdownHooks();
await app.listen(config.get('HTTP_PORT', { infer: true }), '127.0.0.1');

import { ValidationPipe } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';

import type { Environment } from './config/environment.js';
import { GatewayModule } from './gateway.module.js';

const app = await NestFactory.create(GatewayModule);
const config = app.get<ConfigService<Environment, true>>(ConfigService);
app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
app.enableShutdownHooks();
await app.listen(config.get('HTTP_PORT', { infer: true }), '127.0.0.1');

import { ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';

import type { Environment } from './config/environment.js';
import { OrderModule } from './order.module.js';

// Without it a caller that keeps its connection busy would keep a process that was told to stop alive.
const app = await NestFactory.create(OrderModule, { return503OnClosing: true });
const config = app.get<ConfigService<Environment, true>>(ConfigService);
app.enableShutdownHooks();
await app.listen(config.get('HTTP_PORT', { infer: true }), '127.0.0.1');

import { ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';

import type { Environment } from './config/environment.js';
import { InventoryModule } from './inventory.module.js';

// Without it a caller that keeps its connection busy would keep a process that was told to stop alive.
const app = await NestFactory.create(InventoryModule, { return503OnClosing: true });
const config = app.get<ConfigService<Environment, true>>(ConfigService);
app.connectMicroservice({ transport: Transport.TCP, options: { host: '127.0.0.1', port: config.get('TCP_PORT', { infer: true }) } });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.listen(config.get('HTTP_PORT', { infer: true }), '127.0.0.1');

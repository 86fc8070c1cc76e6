import { ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { SHIPPING, wayTo } from 'contracts';

import type { Environment } from './config/environment.js';
import { ShippingModule } from './shipping.module.js';

// Without it a caller that keeps its connection busy would keep a process that was told to stop alive.
const app = await NestFactory.create(ShippingModule, { return503OnClosing: true });
const config = app.get<ConfigService<Environment, true>>(ConfigService);
const [port, brokerUrl] = [config.get('TCP_PORT', { infer: true }), config.get('BROKER_URL', { infer: true })];
app.connectMicroservice(wayTo(SHIPPING, { host: '127.0.0.1', port, brokerUrl }));
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.listen(config.get('HTTP_PORT', { infer: true }), '127.0.0.1');

import { Module, ValidationPipe } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { APP_PIPE } from '@nestjs/core';

import { type Environment, validateEnvironment } from './config/environment.js';
import { GatewayController } from './http/gateway.controller.js';
import { HealthController } from './http/health.controller.js';
import { CardLedger } from './ledger/card-ledger.js';
import { LedgerFile } from './ledger/ledger-file.js';

/** A card company, as far as the shop can see it: a process of its own, with books of its own. */
@Module({
  imports: [ConfigModule.forRoot({ isGlobal: true, validate: validateEnvironment })],
  controllers: [GatewayController, HealthController],
  providers: [
    { provide: APP_PIPE, useValue: new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }) },
    {
      provide: CardLedger,
      inject: [ConfigService],
      useFactory: (config: ConfigService<Environment, true>) => {
        const file = new LedgerFile(config.get('LEDGER_FILE', { infer: true }));
        return new CardLedger(file.read(), (entry) => file.append(entry));
      },
    },
  ],
})
export class GatewayModule {}

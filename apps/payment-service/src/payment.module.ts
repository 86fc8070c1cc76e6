import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { openDatabase, PAYMENT } from 'contracts';
import { SagaParticipantModule } from 'nestjs-sagas';

import { AuthorizePaymentHandler } from './commands/authorize-payment.handler.js';
import { CapturePaymentHandler } from './commands/capture-payment.handler.js';
import { VoidAuthorizationHandler } from './commands/void-authorization.handler.js';
import { type Environment, validateEnvironment } from './config/environment.js';
import { CardGateway } from './gateway/card-gateway.js';
import { HealthController } from './http/health.controller.js';
import { CreatePayments1763800000000 } from './migrations/1763800000000-create-payments.js';
import { Account } from './payments/account.entity.js';
import { AuthorizationRecord } from './payments/authorization.entity.js';
import { CaptureRecord } from './payments/capture.entity.js';
import { PaymentBooks } from './payments/payment-books.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, validate: validateEnvironment }),
    TypeOrmModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService<Environment, true>) => ({
        type: 'postgres',
        url: config.get('DATABASE_URL', { infer: true }),
        entities: [Account, AuthorizationRecord, CaptureRecord],
        migrations: [CreatePayments1763800000000],
        migrationsRun: true,
      }),
      dataSourceFactory: openDatabase,
    }),
    CqrsModule.forRoot(),
    SagaParticipantModule.forRoot({ name: PAYMENT }),
  ],
  controllers: [HealthController],
  providers: [CardGateway, PaymentBooks, AuthorizePaymentHandler, VoidAuthorizationHandler, CapturePaymentHandler],
})
export class PaymentModule {}

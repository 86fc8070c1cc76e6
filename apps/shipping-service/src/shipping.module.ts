import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { openDatabase, SHIPPING } from 'contracts';
import { SagaParticipantModule } from 'nestjs-sagas';

import { BookingRecord } from './bookings/booking.entity.js';
import { Carriers } from './carriers/carriers.js';
import { BookShipmentHandler } from './commands/book-shipment.handler.js';
import { CancelShipmentHandler } from './commands/cancel-shipment.handler.js';
import { PrintLabelHandler } from './commands/print-label.handler.js';
import { VoidLabelHandler } from './commands/void-label.handler.js';
import { type Environment, validateEnvironment } from './config/environment.js';
import { HealthController } from './http/health.controller.js';
import { CreateBookings1763800000000 } from './migrations/1763800000000-create-bookings.js';
import { SplitShipments1764200000000 } from './migrations/1764200000000-split-shipments.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, validate: validateEnvironment }),
    TypeOrmModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService<Environment, true>) => ({
        type: 'postgres',
        url: config.get('DATABASE_URL', { infer: true }),
        entities: [BookingRecord],
        migrations: [CreateBookings1763800000000, SplitShipments1764200000000],
        migrationsRun: true,
      }),
      dataSourceFactory: openDatabase,
    }),
    CqrsModule.forRoot(),
    SagaParticipantModule.forRoot({ name: SHIPPING }),
  ],
  controllers: [HealthController],
  providers: [Carriers, BookShipmentHandler, CancelShipmentHandler, PrintLabelHandler, VoidLabelHandler],
})
export class ShippingModule {}

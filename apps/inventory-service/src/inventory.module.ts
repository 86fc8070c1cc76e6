import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { INVENTORY, openDatabase } from 'contracts';
import { SagaParticipantModule } from 'nestjs-sagas';

import { ReleaseStockHandler } from './commands/release-stock.handler.js';
import { ReserveStockHandler } from './commands/reserve-stock.handler.js';
import { SellStockHandler } from './commands/sell-stock.handler.js';
import { type Environment, validateEnvironment } from './config/environment.js';
import { HealthController } from './http/health.controller.js';
import { CreateStock1763800000000 } from './migrations/1763800000000-create-stock.js';
import { AddWarehouses1764200000000 } from './migrations/1764200000000-add-warehouses.js';
import { Catalogue } from './stock/catalogue.js';
import { Reservation } from './stock/reservation.entity.js';
import { Shelves } from './stock/shelves.js';
import { Stock } from './stock/stock.entity.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, validate: validateEnvironment }),
    TypeOrmModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService<Environment, true>) => ({
        type: 'postgres',
        url: config.get('DATABASE_URL', { infer: true }),
        entities: [Stock, Reservation],
        migrations: [CreateStock1763800000000, AddWarehouses1764200000000],
        migrationsRun: true,
      }),
      dataSourceFactory: openDatabase,
    }),
    TypeOrmModule.forFeature([Stock]),
    CqrsModule.forRoot(),
    SagaParticipantModule.forRoot({ name: INVENTORY }),
  ],
  controllers: [HealthController],
  providers: [Catalogue, Shelves, ReserveStockHandler, ReleaseStockHandler, SellStockHandler],
})
export class InventoryModule {}

import { Module, ValidationPipe } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { APP_PIPE } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { openDatabase } from 'contracts';
import { SagaModule } from 'nestjs-sagas';

import { ApprovalLimit } from './approvals/approval-limit.js';
import { ApprovalsController } from './approvals/approvals.controller.js';
import { ApprovalsService } from './approvals/approvals.service.js';
import { type Environment, validateEnvironment } from './config/environment.js';
import { SagaOptions } from './config/saga-options.js';
import { DeliveriesController } from './parcels/deliveries.controller.js';
import { DeliveriesService } from './parcels/deliveries.service.js';
import { HealthController } from './http/health.controller.js';
import { CreateOrders1763800000000 } from './migrations/1763800000000-create-orders.js';
import { ApproveAndDeliverOrders1764200000000 } from './migrations/1764200000000-approve-and-deliver-orders.js';
import { CustomerMail } from './orders/customer-mail.js';
import { Order } from './orders/order.entity.js';
import { OrderSagas } from './orders/order-sagas.js';
import { OrdersController } from './orders/orders.controller.js';
import { OrdersService } from './orders/orders.service.js';
import { DeliverParcelSaga } from './parcels/deliver-parcel.saga.js';
import { ShipParcelSaga } from './parcels/ship-parcel.saga.js';
import { PlaceOrderSaga } from './place-order/place-order.saga.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, validate: validateEnvironment }),
    TypeOrmModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService<Environment, true>) => ({
        type: 'postgres',
        url: config.get('DATABASE_URL', { infer: true }),
        entities: [Order],
        migrations: [CreateOrders1763800000000, ApproveAndDeliverOrders1764200000000],
        migrationsRun: true,
      }),
      dataSourceFactory: openDatabase,
    }),
    TypeOrmModule.forFeature([Order]),
    CqrsModule.forRoot(),
    SagaModule.forRootAsync({ useClass: SagaOptions }),
  ],
  controllers: [HealthController, OrdersController, ApprovalsController, DeliveriesController],
  providers: [
    { provide: APP_PIPE, useValue: new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }) },
    {
      provide: ApprovalLimit,
      inject: [ConfigService],
      useFactory: (config: ConfigService<Environment, true>) => new ApprovalLimit(config.get('APPROVAL_LIMIT_CENTS', { infer: true })),
    },
    PlaceOrderSaga,
    ShipParcelSaga,
    DeliverParcelSaga,
    OrderSagas,
    OrdersService,
    ApprovalsService,
    DeliveriesService,
    CustomerMail,
  ],
})
export class OrderModule {}

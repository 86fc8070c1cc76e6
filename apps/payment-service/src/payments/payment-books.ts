import { Injectable } from '@nestjs/common';
import type { AuthorizePayment } from 'contracts';
import { SagaTransaction } from 'nestjs-sagas';

import { Account } from './account.entity.js';
import { AuthorizationRecord } from './authorization.entity.js';
import { CaptureRecord } from './capture.entity.js';

/** What the service knows of money. Written in the transaction of the command, after the gateway has answered. */
@Injectable()
export class PaymentBooks {
  constructor(private readonly transaction: SagaTransaction) {}

  async hold({ orderId, customerId, cents }: AuthorizePayment, authorizationId: string): Promise<void> {
    const { manager } = this.transaction;
    await manager.createQueryBuilder().insert().into(Account).values({ customerId }).orIgnore().execute();
    await manager.insert(AuthorizationRecord, { authorizationId, orderId, customerId, cents, state: 'held' });
    await manager.increment(Account, { customerId }, 'heldCents', cents);
  }

  /** Nothing to give up where the service never heard of an authorization. */
  async giveUp(orderId: string): Promise<void> {
    const { manager } = this.transaction;
    const authorization = await manager.findOneBy(AuthorizationRecord, { orderId, state: 'held' });
    if (!authorization) return;
    const { authorizationId, customerId, cents } = authorization;
    await manager.update(AuthorizationRecord, { authorizationId }, { state: 'voided' });
    await manager.decrement(Account, { customerId }, 'heldCents', cents);
  }

  async take(authorizationId: string, captureId: string): Promise<void> {
    const { manager } = this.transaction;
    const { orderId, customerId, cents } = await manager.findOneByOrFail(AuthorizationRecord, { authorizationId, state: 'held' });
    await manager.insert(CaptureRecord, { captureId, orderId, authorizationId, cents });
    await manager.update(AuthorizationRecord, { authorizationId }, { state: 'captured' });
    await manager.decrement(Account, { customerId }, 'heldCents', cents);
    await manager.increment(Account, { customerId }, 'capturedCents', cents);
  }
}

import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { VoidAuthorization } from 'contracts';
import { SagaCommandContext, SagaHandler } from 'nestjs-sagas';

import { CardGateway } from '../gateway/card-gateway.js';
import { PaymentBooks } from '../payments/payment-books.js';

/** Names the authorization by the key under which it was asked for: that is known even where the gateway's answer was lost. */
@SagaHandler({ external: true })
@CommandHandler(VoidAuthorization)
export class VoidAuthorizationHandler implements ICommandHandler<VoidAuthorization> {
  constructor(
    private readonly gateway: CardGateway,
    private readonly books: PaymentBooks,
    private readonly call: SagaCommandContext,
  ) {}

  async execute({ orderId }: VoidAuthorization): Promise<void> {
    const { forwardIdempotencyKey } = this.call;
    if (!forwardIdempotencyKey) throw new Error('payment.void-authorization undoes payment.authorize: send it from a compensation');
    await this.gateway.void(forwardIdempotencyKey, this.call);
    await this.books.giveUp(orderId);
  }
}

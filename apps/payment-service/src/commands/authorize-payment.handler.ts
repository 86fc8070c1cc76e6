import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Authorization, AuthorizePayment } from 'contracts';
import { SagaCommandContext, SagaHandler } from 'nestjs-sagas';

import { CardGateway } from '../gateway/card-gateway.js';
import { PaymentBooks } from '../payments/payment-books.js';

@SagaHandler({ external: true })
@CommandHandler(AuthorizePayment)
export class AuthorizePaymentHandler implements ICommandHandler<AuthorizePayment> {
  constructor(
    private readonly gateway: CardGateway,
    private readonly books: PaymentBooks,
    private readonly call: SagaCommandContext,
  ) {}

  async execute(command: AuthorizePayment): Promise<Authorization> {
    const { orderId: reference, card, cents } = command;
    const { authorizationId } = await this.gateway.authorize({ reference, card, cents }, this.call);
    await this.books.hold(command, authorizationId);
    return { authorizationId };
  }
}

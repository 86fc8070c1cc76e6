import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Capture, CapturePayment } from 'contracts';
import { SagaCommandContext, SagaHandler } from 'nestjs-sagas';

import { CardGateway } from '../gateway/card-gateway.js';
import { PaymentBooks } from '../payments/payment-books.js';

@SagaHandler({ external: true })
@CommandHandler(CapturePayment)
export class CapturePaymentHandler implements ICommandHandler<CapturePayment> {
  constructor(
    private readonly gateway: CardGateway,
    private readonly books: PaymentBooks,
    private readonly call: SagaCommandContext,
  ) {}

  async execute({ authorizationId }: CapturePayment): Promise<Capture> {
    const { captureId } = await this.gateway.capture(authorizationId, this.call);
    await this.books.take(authorizationId, captureId);
    return { captureId };
  }
}

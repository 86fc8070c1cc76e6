import { Command } from '@nestjs/cqrs';
import { SagaCommand } from 'nestjs-sagas';

export const PAYMENT = 'payment';

export interface Authorization {
  readonly authorizationId: string;
}

export interface Capture {
  readonly captureId: string;
}

/** Holds the amount on the customer's card. Refused with CARD_DECLINED. */
@SagaCommand({ name: 'payment.authorize', participant: PAYMENT })
export class AuthorizePayment extends Command<Authorization> {
  constructor(
    readonly orderId: string,
    readonly customerId: string,
    readonly card: string,
    readonly cents: number,
  ) {
    super();
  }
}

/** Gives up what is held for the order. Works by order, since an authorization whose answer was lost has no known id. */
@SagaCommand({ name: 'payment.void-authorization', participant: PAYMENT })
export class VoidAuthorization extends Command<void> {
  constructor(readonly orderId: string) {
    super();
  }
}

/** Takes the money that is held. There is no way back. */
@SagaCommand({ name: 'payment.capture', participant: PAYMENT })
export class CapturePayment extends Command<Capture> {
  constructor(
    readonly orderId: string,
    readonly authorizationId: string,
  ) {
    super();
  }
}

import { Command } from '@nestjs/cqrs';
import { SagaCommand } from 'nestjs-sagas';

export const STOCK = 'stock';
export const TILL = 'till';

/** What the scrambler asks of its shop. Everything is known by the order. */
abstract class OfOrder<Result> extends Command<Result> {
  constructor(
    readonly order: string,
    /** Its handler refuses it. */
    readonly refused = false,
  ) {
    super();
  }
}

@SagaCommand({ name: 'stock.reserve', participant: STOCK })
export class Reserve extends OfOrder<string> {}

@SagaCommand({ name: 'stock.release', participant: STOCK })
export class Release extends OfOrder<void> {}

/** Answered later. */
@SagaCommand({ name: 'stock.pack', participant: STOCK })
export class Pack extends OfOrder<void> {}

@SagaCommand({ name: 'stock.unpack', participant: STOCK })
export class Unpack extends OfOrder<void> {}

/** At a gateway outside. */
@SagaCommand({ name: 'till.charge', participant: TILL })
export class Charge extends OfOrder<string> {}

@SagaCommand({ name: 'till.refund', participant: TILL })
export class Refund extends OfOrder<void> {}

import { Command } from '@nestjs/cqrs';
import { SagaCommand } from 'nestjs-sagas';

/** What a remote step asks of the participant. */
@SagaCommand({ name: 'stock.reserve', participant: 'stock' })
export class ReserveStock extends Command<{ readonly reserved: string }> {
  constructor(readonly orderId: string) {
    super();
  }
}

/** The pattern of the bare request. */
export const BARE = 'reserve';

export const INSERT = 'insert into reservation (order_id) values ($1)';

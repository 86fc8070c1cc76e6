import type { Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { SagaCommandContext, SagaHandler, StepRejected } from 'nestjs-sagas';

import { Charge, Refund } from './commands.js';
import { GatewayClient } from './gateway-client.js';
import { Lines } from './lines.js';

@CommandHandler(Charge)
@SagaHandler({ external: true })
class ChargeHandler implements ICommandHandler<Charge> {
  constructor(
    private readonly gateway: GatewayClient,
    private readonly lines: Lines,
    private readonly call: SagaCommandContext,
  ) {}

  async execute({ order, refused }: Charge): Promise<string> {
    if (refused) throw new StepRejected('DECLINED', 'the card was declined');
    await this.lines.write(order, 'charge');
    await this.gateway.charge(this.call.idempotencyKey, this.call.signal);
    return this.call.idempotencyKey;
  }
}

@CommandHandler(Refund)
@SagaHandler({ external: true })
class RefundHandler implements ICommandHandler<Refund> {
  constructor(
    private readonly gateway: GatewayClient,
    private readonly lines: Lines,
    private readonly call: SagaCommandContext,
  ) {}

  async execute({ order }: Refund): Promise<void> {
    await this.lines.write(order, 'refund');
    await this.gateway.refund(this.call.forwardIdempotencyKey ?? '', this.call.signal);
  }
}

export const tillProviders = (gateway: string): readonly Provider[] => [
  { provide: GatewayClient, useValue: new GatewayClient(gateway) },
  Lines,
  ChargeHandler,
  RefundHandler,
];

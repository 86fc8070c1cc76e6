import { type CallHandler, type ExecutionContext, Injectable, Module, type NestInterceptor } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaParticipantModule } from 'nestjs-sagas';
import { mergeMap, NEVER, type Observable, of } from 'rxjs';

import type { CommandMessage, CommandReply } from '../../../libs/saga/src/participant/protocol.js';
import { STOCK_PROVIDERS } from '../../scrambler/shop/stock.js';
import { tillProviders } from '../../scrambler/shop/till.js';
import { readSettings, serveTest, tellTest } from '../../support/serve-test.js';
import { wireAt } from '../../support/transports.js';
import type { HeldReply, ParticipantSettings } from './settings.js';

const { name, databaseUrl, wire, gateway, holds } = readSettings<ParticipantSettings>();

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: databaseUrl, retryAttempts: 0, poolErrorHandler: () => undefined }),
    CqrsModule.forRoot(),
    SagaParticipantModule.forRoot({ name }),
  ],
  providers: [...(name === 'stock' ? STOCK_PROVIDERS : tillProviders(gateway))],
})
class ParticipantModule {}

/** Stands where a reply is known, and has not left. */
@Injectable()
class ReplyHolder implements NestInterceptor<CommandReply, CommandReply> {
  intercept(context: ExecutionContext, { handle }: CallHandler<CommandReply>): Observable<CommandReply> {
    const { command } = context.switchToRpc().getData<CommandMessage>();
    return handle().pipe(
      mergeMap((reply) => {
        if (command !== holds) return of(reply);
        tellTest({ held: reply } satisfies HeldReply);
        return NEVER;
      }),
    );
  }
}

const service = await NestFactory.createMicroservice<MicroserviceOptions>(ParticipantModule, {
  ...wireAt(wire).service,
  logger: ['error'],
});
service.useGlobalInterceptors(new ReplyHolder());
await service.listen();
serveTest(async () => undefined);

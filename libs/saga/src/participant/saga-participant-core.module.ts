import { Global, Module } from '@nestjs/common';

import { SagaTransaction } from '../store/saga-transaction.js';
import { SagaCommandContext } from '../definition/saga-command-context.js';

/** Global, so that command handlers in any module can inject what a call carries. */
@Global()
@Module({ providers: [SagaTransaction, SagaCommandContext], exports: [SagaTransaction, SagaCommandContext] })
export class SagaParticipantCoreModule {}

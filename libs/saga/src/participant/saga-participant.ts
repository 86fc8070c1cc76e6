import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { DEFAULTS } from '../planning/defaults.js';
import { parseDuration } from '../planning/durations.js';
import { CommandCatalog } from './command-catalog.js';
import { excerptOf, isMessageFault, type MessageFault, readCommandMessage } from './command-message.js';
import { CommandRunner } from './command-runner.js';
import { ParticipantDatabase } from './participant-database.js';
import { ParticipantGate } from './participant-gate.js';
import { PARTICIPANT_OPTIONS, type ResolvedParticipantOptions } from './participant-options.js';
import type { CommandMessage, CommandReply } from './protocol.js';
import { logOutcome } from './outcome-log.js';
import { failed, notCalled, notKnownYet } from './replies.js';

/** Longest wait for the application's start, where the sender names no time. */
const START_WAIT_MS = 10_000;
const PAUSE_MS = 1_000;

/** Answers the commands of one participant. Whatever a message contains, it answers and never throws. */
@Injectable()
export class SagaParticipant implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('SagaParticipant');
  private readonly gate = new ParticipantGate();
  private runner: CommandRunner | undefined;

  constructor(
    @Inject(PARTICIPANT_OPTIONS) private readonly options: ResolvedParticipantOptions,
    private readonly database: ParticipantDatabase,
    private readonly catalog: CommandCatalog,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.database.open();
  }

  onApplicationBootstrap(): void {
    this.runner = new CommandRunner({
      participant: this.options.name,
      catalog: this.catalog,
      bus: this.catalog.bus(),
      execution: this.database.execution,
      slots: this.database.slots,
      maxPayload: this.options.maxPayload,
    });
    this.catalog.requireStatuses(this.options.name);
    for (const command of this.catalog.unhandled(this.options.name)) {
      this.logger.warn(`Participant '${this.options.name}' has no @CommandHandler(${command}): its commands will fail until there is one.`);
    }
    // CqrsModule binds the handlers in this same hook, before or after this one: both are done once the hooks have run.
    setImmediate(() => this.gate.open());
    this.database.startSweeping();
  }

  async onModuleDestroy(): Promise<void> {
    this.database.stopSweeping();
    const left = await this.gate.close(parseDuration(DEFAULTS.shutdownTimeout, 'shutdownTimeout'));
    if (left > 0) this.logger.warn(`${left} commands were still at work when the service stopped: they will be sent again.`);
  }

  async handle(raw: unknown): Promise<CommandReply> {
    const message = readCommandMessage(raw);
    if (isMessageFault(message)) return this.refuse(raw, message);
    try {
      return await this.admit(message);
    } catch (error) {
      const { saga, sagaId, step, metadata } = message;
      const fields = { participant: this.options.name, saga, sagaId, step, metadata, error: String(error) };
      this.logger.error('A command could not be answered as it should', fields);
      return failed({ code: 'SAGA_PARTICIPANT_FAULT', message: 'The participant met a fault of its own; its log says more.' }, 'possible');
    }
  }

  /** A sender that is deployed after this one may speak a protocol that the next version of this one reads. */
  private refuse(raw: unknown, { code, why }: MessageFault): CommandReply {
    this.logger.warn(why, { participant: this.options.name, code, ...excerptOf(raw) });
    return code === 'SAGA_UNKNOWN_PROTOCOL' ? notKnownYet(code, why) : notCalled(code, why);
  }

  private async admit(message: CommandMessage): Promise<CommandReply> {
    const { name } = this.options;
    const pass = await this.gate.enter(message.timeoutMs ?? START_WAIT_MS);
    if (pass === undefined || this.runner === undefined) {
      const reply = notCalled('SAGA_PARTICIPANT_UNAVAILABLE', `Participant '${name}' is starting or stopping.`, PAUSE_MS);
      return this.runner === undefined ? { ...reply, effect: 'possible' } : (await this.runner.decline(message, reply)).reply;
    }
    try {
      const outcome = await this.runner.run(message, pass.stopped);
      logOutcome(this.logger, { participant: name, message, outcome });
      return outcome.reply;
    } finally {
      pass.leave();
    }
  }
}

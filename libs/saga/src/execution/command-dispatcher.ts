import { randomUUID } from 'node:crypto';

import { type Command, type CommandBus, CommandHandlerNotFoundException } from '@nestjs/cqrs';
import type { ClientProxy } from '@nestjs/microservices';
import { firstValueFrom, takeUntil } from 'rxjs';

import { commandNameOf } from '../definition/command-registry.js';
import type { LazyAbort } from '../definition/lazy-abort.js';
import { runWithCommandContext } from '../definition/saga-command-context.js';
import { type CommandMessage, commandPattern, PROTOCOL_VERSION } from '../participant/protocol.js';
import type { AttemptEnd } from '../planning/facts.js';
import { encodePayload, PayloadFault, type StoredValue } from '../planning/payload.js';
import { type Judgement, endOfError, endOfValue, NothingWasDone } from './attempt-end.js';
import { endOfReply } from './reply-end.js';
import { endOfTransportError, openWay } from './transport-end.js';

/** What travels with a command, apart from the command. */
export type Envelope = Omit<CommandMessage, 'protocol' | 'messageId' | 'command' | 'payload'>;

export interface Dispatch {
  readonly envelope: Envelope;
  /** `saga.step`, for messages. */
  readonly place: string;
  /** What the attempt does must roll back with its transaction. */
  readonly transactional: boolean;
  readonly maxPayload: number;
  readonly judgement: Judgement;
  /** The method's own signal: a handler in this process gets it too. */
  readonly method: () => AbortSignal;
  /** Aborts when nobody waits for the answer of this attempt any more. */
  readonly giveUp: LazyAbort;
  /** Aborts when no answer matters any more. */
  readonly closed: LazyAbort;
  /** An answer that came after `giveUp`: it counts while its step is open. [R24] */
  readonly onLateReply: (end: AttemptEnd) => void;
}

export interface CommandRoutes {
  /** By participant name: those that `forRoot` lists. */
  readonly participants: ReadonlyMap<string, ClientProxy>;
  /** The application's; undefined where it has none. */
  readonly commandBus: CommandBus | undefined;
}

/** Runs a command that a step returned: at its participant, or on the CommandBus of this process. */
export class CommandDispatcher {
  constructor(private readonly routes: () => CommandRoutes) {}

  async dispatch(command: Command<unknown>, dispatch: Dispatch): Promise<AttemptEnd> {
    const name = commandNameOf(command);
    const client = name && this.routes().participants.get(name.participant);
    if (name === undefined || client === undefined) return this.runHere(command, dispatch);
    if (dispatch.transactional) throw new NothingWasDone(outOfItsTransaction(command, name.participant, dispatch));
    const message: CommandMessage = {
      ...dispatch.envelope,
      protocol: PROTOCOL_VERSION,
      messageId: randomUUID(),
      command: name.name,
      payload: payloadOf(command, dispatch),
    };
    const sending = { pattern: commandPattern(name.participant), message };
    return waitFor(sendAndListen(client, sending, dispatch), { ...dispatch, participant: name.participant });
  }

  private async runHere(command: Command<unknown>, { envelope, place, maxPayload, judgement, method }: Dispatch): Promise<AttemptEnd> {
    const { commandBus } = this.routes();
    const type = command.constructor.name;
    if (commandBus === undefined) {
      throw new NothingWasDone(`${place} returned ${type}, but there is no CommandBus. Import CqrsModule.forRoot() in the root module.`);
    }
    try {
      const result: unknown = await runWithCommandContext({ ...envelope, signal: method }, () => commandBus.execute(command));
      return endOfValue(result, { maxPayload, place, direction: envelope.direction });
    } catch (thrown) {
      if (!isAboutNobodyFor(type, thrown)) return endOfError(thrown, judgement);
      const participant = commandNameOf(command)?.participant ?? '…';
      throw new NothingWasDone(
        `${place} returned ${type}, which no handler here takes. Add a @CommandHandler, or participants: { ${participant}: … }.`,
      );
    }
  }
}

function outOfItsTransaction(command: Command<unknown>, participant: string, { place, envelope }: Dispatch): string {
  const what = envelope.direction === 'compensation' ? `the compensation of ${place}` : place;
  const mend = envelope.direction === 'compensation' ? 'Give its @Compensate transactional: false.' : 'Remove transactional: true.';
  return `${what} is transactional and returned ${command.constructor.name}, which participant ${participant} handles: its effect would not roll back. ${mend}`;
}

/** A handler that was found may send a command of its own that nobody takes: then much may have been done already. */
const isAboutNobodyFor = (type: string, thrown: unknown): boolean =>
  thrown instanceof CommandHandlerNotFoundException && thrown.message === new CommandHandlerNotFoundException(type).message;

function payloadOf(command: Command<unknown>, { place, maxPayload }: Dispatch): StoredValue {
  try {
    const payload = encodePayload(command, maxPayload);
    if (!isObject(payload)) throw new PayloadFault('', 'is no object once its toJSON() was called: let it give one, with the properties');
    return payload;
  } catch (fault) {
    if (!(fault instanceof PayloadFault)) throw fault;
    throw new NothingWasDone(`${place}: ${command.constructor.name}${fault.path === '' ? '' : `.${fault.path}`} ${fault.why}.`);
  }
}

/** At the participant its properties become those of an instance of the command's class. A date is no object there. */
function isObject(payload: StoredValue | undefined): payload is StoredValue {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return false;
  return !('$date' in payload && Object.keys(payload).length === 1);
}

interface Sending {
  readonly pattern: string;
  readonly message: CommandMessage;
}

/** The first reply. Where the way opens only after the end of waiting, nothing is sent. */
async function sendAndListen(client: ClientProxy, { pattern, message }: Sending, { giveUp, closed }: Dispatch): Promise<unknown> {
  await openWay(client);
  giveUp.throwIfAborted();
  closed.throwIfAborted();
  return firstValueFrom(client.send<unknown, CommandMessage>(pattern, message).pipe(takeUntil(abortOf(closed))));
}

interface Sent extends Dispatch {
  readonly participant: string;
}

/** The answer, or the end of waiting; then a later answer goes to `onLateReply`. */
async function waitFor(reply: Promise<unknown>, sent: Sent): Promise<AttemptEnd> {
  const { giveUp, judgement, maxPayload, envelope, onLateReply } = sent;
  let isReply = true;
  const end = reply.then(
    (answer) => endOfReply(answer, { judgement, maxPayload, direction: envelope.direction }),
    (error: unknown) => {
      isReply = false;
      return endOfTransportError(error, sent.participant, judgement);
    },
  );
  const gaveUp = abortOf(giveUp);
  const first = await Promise.race([end, gaveUp]);
  if (first !== 'aborted') return first;
  void end.then((late) => {
    if (isReply) onLateReply(late);
  });
  throw giveUp.reason as Error;
}

const abortOf = (abort: LazyAbort): Promise<'aborted'> => new Promise((resolve) => abort.onAbort(() => resolve('aborted')));

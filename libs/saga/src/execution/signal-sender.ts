import type { EntityManager } from 'typeorm';
import { validate as isUuid } from 'uuid';

import type { SagaRegistry } from '../definition/saga-registry.js';
import type { Signal } from '../definition/signal.js';
import { DEFAULTS } from '../planning/defaults.js';
import { encodePayload, PayloadFault, type StoredValue } from '../planning/payload.js';
import type { SagaStore } from '../store/saga-store.js';
import { SagaNotFoundError, SagaSignalError } from './caller-errors.js';
import { emptiedText } from './emptied.js';
import type { MailCarrier } from './mail-carrier.js';
import { isStorableText } from './saga-input.js';

export interface SignalOptions {
  /** A second signal of this name with the same dedupe id is the same one: for webhooks that are delivered twice. */
  dedupeId?: string;
  /** Joins that transaction: an open one, on the module's data source. */
  manager?: EntityManager;
}

interface SenderParts {
  readonly store: SagaStore;
  readonly registry: SagaRegistry;
  readonly mail: MailCarrier;
}

export interface SignalSent {
  readonly sagaId: string;
  readonly signal: string | Signal<unknown>;
  readonly payload: unknown;
  readonly options: SignalOptions;
}

const LONGEST_DEDUPE_ID = 500;

/** Sends a signal to a saga, which need not exist yet. [R27] */
export async function sendSignal({ store, registry, mail }: SenderParts, { sagaId, signal, payload, options }: SignalSent): Promise<void> {
  const { dedupeId, manager } = options;
  const name = typeof signal === 'string' ? signal : signal.name;
  if (!isUuid(sagaId))
    throw new SagaNotFoundError(`There is no saga '${sagaId}': a saga id is a UUID; by its key it is found with findByKey.`, { sagaId });
  if (dedupeId !== undefined && (dedupeId === '' || dedupeId.length > LONGEST_DEDUPE_ID || !isStorableText(dedupeId)))
    throw new RangeError(`signal({ dedupeId }) takes a text of 1 to ${LONGEST_DEDUPE_ID} characters, without U+0000 and lone surrogates.`);
  const row = await store.find(sagaId);
  if (row?.emptied) throw new SagaSignalError(`${emptiedText(row)}. Signal '${name}' was not sent.`, { saga: row.name, sagaId });
  const known = row && registry.get(row.name, row.version);
  if (row && known && !known.signals.has(name)) {
    const waits = known.signals.size === 0 ? 'it waits for no signal at all' : `it waits for ${[...known.signals].join(', ')}`;
    throw new SagaSignalError(`${row.name} never waits for signal '${name}': ${waits}. Nothing was sent.`, { saga: row.name, sagaId });
  }
  const stored = storedPayload(payload, { name, sagaId, maxPayload: known?.definition.maxPayload ?? DEFAULTS.maxPayload });
  const content = { ...(stored !== undefined && { payload: stored }), ...(dedupeId !== undefined && { dedupeId }) };
  await mail.post({ to: { sagaId }, channel: 'signal', name, ...content }, manager);
}

function storedPayload(
  payload: unknown,
  { name, sagaId, maxPayload }: { readonly name: string; readonly sagaId: string; readonly maxPayload: number },
): StoredValue | undefined {
  try {
    return encodePayload(payload, maxPayload);
  } catch (fault) {
    if (!(fault instanceof PayloadFault)) throw fault;
    const { path, why } = fault;
    throw new SagaSignalError(`Signal '${name}' was not sent: its payload${path === '' ? '' : `.${path}`} ${why}.`, { sagaId });
  }
}

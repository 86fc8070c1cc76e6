import { DEFAULTS } from '../planning/defaults.js';
import { type Duration, parseDuration } from '../planning/durations.js';
import { SagaParticipantError } from './fence-errors.js';

/** Of `SagaParticipantModule.forRoot`. All but the name may be left out. */
export interface SagaParticipantOptions {
  /** As in `@SagaCommand({ participant })`, and in `participants` of the orchestrator. */
  name: string;
  /** Database schema of the fence. Default 'saga'. */
  schema?: string;
  /** run: creates and updates the tables at boot. check: stops the boot where they lack something. Default 'run'. */
  migrations?: 'run' | 'check' | 'off';
  /** How long a fence row is kept. An older command is refused, and its step is unknown. Default 30d. */
  fenceRetention?: Duration;
  /** Bytes of a command's payload, and of a result. Not less than the orchestrator's `maxPayload`. Default 262144 (256 KiB). */
  maxPayload?: number;
}

/** For `useClass` and `useExisting`. */
export interface SagaParticipantOptionsFactory {
  /** Called once, at boot. */
  createSagaParticipantOptions(): SagaParticipantOptions | Promise<SagaParticipantOptions>;
}

export interface ResolvedParticipantOptions {
  readonly name: string;
  readonly schema: string;
  readonly migrations: 'run' | 'check' | 'off';
  readonly fenceRetentionMs: number;
  readonly maxPayload: number;
}

const MIGRATIONS: readonly unknown[] = ['run', 'check', 'off'];

/** @throws SagaParticipantError, RangeError where an option is missing or nonsense */
export function resolveParticipantOptions(options: SagaParticipantOptions): ResolvedParticipantOptions {
  const { name, schema = DEFAULTS.schema, migrations = DEFAULTS.migrations, fenceRetention = DEFAULTS.fenceRetention } = options;
  const { maxPayload = DEFAULTS.maxPayload } = options;
  if (typeof name !== 'string' || name === '') {
    throw new SagaParticipantError(
      `SagaParticipantModule: name is ${JSON.stringify(name)}; give the name that @SagaCommand({ participant }) uses.`,
    );
  }
  if (!MIGRATIONS.includes(migrations)) {
    throw new SagaParticipantError(`SagaParticipantModule: migrations is ${JSON.stringify(migrations)}; give 'run', 'check' or 'off'.`);
  }
  if (!Number.isInteger(maxPayload) || maxPayload < 1) {
    throw new RangeError(`SagaParticipantModule: maxPayload is ${JSON.stringify(maxPayload)}; give a whole number of bytes from 1.`);
  }
  return { name, schema, migrations, fenceRetentionMs: retentionMs(fenceRetention), maxPayload };
}

/** Without its row a command that comes a second time is done a second time, so none is deleted at once. */
function retentionMs(fenceRetention: Duration): number {
  const keptMs = parseDuration(fenceRetention, 'SagaParticipantModule: fenceRetention');
  if (keptMs > 0) return keptMs;
  throw new RangeError(
    `SagaParticipantModule: fenceRetention is ${JSON.stringify(fenceRetention)}; give more than 0: longer than a saga goes on sending a command.`,
  );
}

/** Resolved options, once the factory has answered. */
export const PARTICIPANT_OPTIONS = Symbol('nestjs-sagas.participant-options');
export const DATA_SOURCE_NAME = Symbol('nestjs-sagas.participant-data-source');

/** Marks the library's errors across two copies of the package. */
const BRAND = Symbol.for('nestjs-sagas.error');

export interface SagaErrorPlace {
  /** Name of the saga definition. */
  readonly saga?: string | undefined;
  readonly sagaId?: string | undefined;
  readonly step?: string | undefined;
  readonly cause?: unknown;
}

/** The base of the library's errors; `isSagaError` also knows those of another copy of the package. */
export abstract class SagaError extends Error {
  /** Stable: safe to switch on. */
  abstract readonly code: string;
  /** Name of the definition, where it is about one. */
  declare readonly saga?: string;
  /** Of the saga, where it is about one. */
  declare readonly sagaId?: string;
  /** Name of the step, where it is about one. */
  declare readonly step?: string;
  // All are declared, not defined: an uncaught error prints what it has, and nothing that it has not.
  declare protected readonly [BRAND]: true;

  constructor(message: string, place: SagaErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.name = new.target.name;
    if (place.saga !== undefined) this.saga = place.saga;
    if (place.sagaId !== undefined) this.sagaId = place.sagaId;
    if (place.step !== undefined) this.step = place.step;
  }
}

Object.defineProperty(SagaError.prototype, BRAND, { value: true });

/** True of every error of the library, also of one thrown by another copy of the package, where `instanceof` is not. */
export function isSagaError(error: unknown): error is SagaError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

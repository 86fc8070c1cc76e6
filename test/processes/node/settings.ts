import type { SagaModuleOptions } from 'nestjs-sagas';

/** Which classes of the saga `delivery` a node has. */
export type Release = 'first' | 'changed' | 'second';

/** What a test tells a node that it starts, as JSON in NODE_SETTINGS. */
export interface NodeSettings {
  /** Stands beside everything that the node notes. */
  readonly name: string;
  readonly databaseUrl: string;
  readonly options: SagaModuleOptions;
  /** Default first. */
  readonly release?: Release;
}

/** What a saga of these tests does, and where. A deed is the name of a method of its class. */
export interface Plan {
  /** By deed: the gate at which it waits before its effect. */
  readonly gates?: Readonly<Record<string, string>>;
  /** The deed that is refused after its effect. */
  readonly refuses?: string;
  /** By deed: how many of its attempts fail. */
  readonly fails?: Readonly<Record<string, number>>;
  /** The deed that kills its process. */
  readonly kills?: string;
  /** Its methods do not heed their abort signals. */
  readonly deaf?: boolean;
  /** By deed: what goes wrong with it, where it is done by `act`. */
  readonly troubles?: Readonly<Record<string, Trouble>>;
}

export interface Trouble {
  /** Each attempt is refused, and has no effect. */
  readonly refused?: boolean;
  /** How many of its attempts fail. */
  readonly fails?: number;
  /** They fail after their effect. */
  readonly late?: boolean;
  /** How long an attempt takes before it does anything. */
  readonly slowMs?: number;
}

export interface StartRequest {
  readonly saga: 'journey' | 'account' | 'delivery' | 'cruise';
  readonly plan: Plan;
  readonly key?: string;
  /** Starts it in a transaction of the node's own, which commits when this gate opens. */
  readonly commitsAt?: string;
}

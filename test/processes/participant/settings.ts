import type { CommandReply } from '../../../libs/saga/src/participant/protocol.js';
import type { WireAddress } from '../../support/transports.js';

/** What a test tells a participant that it starts. */
export interface ParticipantSettings {
  readonly name: 'stock' | 'till';
  readonly databaseUrl: string;
  readonly wire: WireAddress;
  /** Url of what the till charges. */
  readonly gateway: string;
  /** The command whose replies never leave this process. Default: all leave. */
  readonly holds?: string;
}

/** What it tells unasked: its work is committed, and the reply stays here. */
export interface HeldReply {
  readonly held: CommandReply;
}

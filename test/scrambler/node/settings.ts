import type { WireAddress } from '../../support/transports.js';
import type { Happening } from '../scrambling-client.js';
import type { Kept } from '../network.js';

/** What one process of the shop is told from the start. */
export type Settings =
  | {
      readonly role: 'orchestrator';
      readonly databaseUrl: string;
      readonly seed: number;
      readonly wires: Readonly<Record<string, WireAddress>>;
    }
  | {
      readonly role: 'participant';
      readonly name: string;
      readonly databaseUrl: string;
      readonly wire: WireAddress;
      readonly gateway: string;
    }
  | { readonly role: 'gateway'; readonly port: number; readonly book: string; readonly seed: number };

export type Of<Role extends Settings['role']> = Extract<Settings, { role: Role }>;

/** What an orchestrator tells unasked. */
export type News = { readonly kept: Kept } | { readonly happened: Readonly<Partial<Record<Happening, number>>> };

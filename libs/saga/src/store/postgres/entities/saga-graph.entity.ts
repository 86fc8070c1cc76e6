import { Column, Entity, PrimaryColumn } from 'typeorm';

import { DEFAULTS } from '../../../planning/defaults.js';

/** The graph of a definition: `saga_instance.hash` names the one that a saga was started with. */
@Entity({ name: 'saga_graph', schema: DEFAULTS.schema, synchronize: false })
export class SagaGraphEntity {
  /** Of the names, dependencies and kinds. */
  @PrimaryColumn({ type: 'text' })
  hash: string;

  /** In graph order. */
  @Column({ type: 'json' })
  steps: readonly { readonly name: string; readonly after: readonly string[]; readonly kind: string }[];

  /** When a node first had it. */
  @Column({ type: 'timestamptz', name: 'registered_at' })
  registeredAt: Date;
}

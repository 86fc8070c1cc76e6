import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import { DEFAULTS } from '../../../planning/defaults.js';

/** An event or a signal that no saga has consumed yet: a signal by saga id, an event by the saga's name and key. */
@Entity({ name: 'saga_mailbox', schema: DEFAULTS.schema, synchronize: false })
export class SagaMailboxEntity {
  /** Of the message. */
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** To whom a signal goes; null: it is an event. */
  @Column({ type: 'uuid', name: 'saga_id', nullable: true })
  sagaId: string | null;

  /** To whom an event goes; null: it is a signal. */
  @Column({ type: 'text', name: 'saga_name', nullable: true })
  sagaName: string | null;

  /** Of that saga. */
  @Column({ type: 'text', name: 'saga_key', nullable: true })
  sagaKey: string | null;

  /** Orders messages: clocks do not. */
  @Column({ type: 'bigint', insert: false, update: false })
  number: string;

  /** signal, event or child. */
  @Column({ type: 'text' })
  channel: string;

  /** Name of the event or signal. */
  @Column({ type: 'text' })
  message: string;

  /** A message with one counts once. */
  @Column({ type: 'text', name: 'dedupe_id', nullable: true })
  dedupeId: string | null;

  /** In stored form. */
  @Column({ type: 'json', nullable: true })
  payload: unknown;

  /** Its saga does not exist yet. */
  @Column({ type: 'boolean' })
  parked: boolean;

  /** By the database's clock. */
  @Column({ type: 'timestamptz', name: 'received_at' })
  receivedAt: Date;
}

import { SagaStoreError } from './store-errors.js';

/** Where a page of a list ended: lists are newest first, sagas of the same millisecond by id. */
export interface ListPosition {
  readonly startedAt: number;
  readonly id: string;
}

export const encodeCursor = ({ startedAt, id }: ListPosition): string => Buffer.from(`${startedAt}/${id}`).toString('base64url');

/** @throws SagaStoreError where the text was not made by `encodeCursor` */
export function decodeCursor(cursor: string): ListPosition {
  const match = /^(\d+)\/(.+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match?.[1] === undefined || match[2] === undefined)
    throw new SagaStoreError(`'${cursor}' is not the cursor of a list. Pass on what the page before gave as next.`);
  return { startedAt: Number(match[1]), id: match[2] };
}

import { SagaStoreError } from '../store-errors.js';
import { messageOf } from './database-errors.js';

const MEND =
  'If a transaction pooler (PgBouncer) stands between, set SagaModule.forRoot({ pooled: true }). Otherwise connect to PostgreSQL itself.';

/** PgBouncer takes no session that brings settings of its own. Newer ones name the setting, too. */
const REFUSED_SETTINGS = /unsupported startup parameter/;

/** What a connection that was refused says of a pooler that the options do not name; undefined where it failed for another reason. */
export function refusedByPooler(error: unknown): SagaStoreError | undefined {
  const message = messageOf(error);
  if (!REFUSED_SETTINGS.test(message)) return undefined;
  return new SagaStoreError(`The database refused the library's own connections: ${message}. ${MEND}`, { cause: error });
}

/** Of a pooler that was told to drop what sessions ask for (`ignore_startup_parameters`), and says nothing. */
export const DROPS_SETTINGS = `Sessions do not keep the settings that they were opened with, so sagas run as with pooled: true, and learn within a second, not at once, what other processes did. ${MEND}`;

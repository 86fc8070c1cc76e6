import type { QueryRunner } from 'typeorm';

import { inOneMessage } from './in-one-message.js';
import { isAboutPrepared } from './sql-state.js';

/**
 * Sessions that have the fence's statements prepared: the server reads and plans them once a session, which is half of what they cost it. Behind a pooler that gives each
 * transaction another session that would not hold. Where one is met nothing is prepared any more; no setting is needed.
 */
export class PreparedSessions {
  private readonly sessions = new WeakSet<object>();
  private areShared = false;

  /** @param prepare one statement each */
  constructor(private readonly prepare: readonly string[]) {}

  /** Whether the session of this runner has them; a new one is given them, in a round trip of its own. */
  async include(runner: QueryRunner): Promise<boolean> {
    if (this.areShared) return false;
    const session = (await runner.connect()) as object;
    if (this.sessions.has(session)) return true;
    try {
      await inOneMessage(runner, this.prepare);
    } catch (error) {
      if (this.doubt(error)) return false;
      throw error;
    }
    this.sessions.add(session);
    return true;
  }

  /** Whether an error says that a session is not the one that it was, or never was one's own. */
  doubt(error: unknown): boolean {
    const isShared = isAboutPrepared(error);
    this.areShared ||= isShared;
    return isShared;
  }
}

import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Entry } from './entry.js';

/** Entries as JSON Lines in a file that outlives the process. */
export class LedgerFile {
  constructor(private readonly path: string) {
    mkdirSync(dirname(path), { recursive: true });
  }

  /** Written before the gateway answers, so that no answer is ever forgotten. */
  append(entry: Entry): void {
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
  }

  read(): Entry[] {
    if (!existsSync(this.path)) return [];
    const bytes = readFileSync(this.path);
    const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
    // A line that was cut short by a crash was never answered: the next entry must not be glued to it.
    if (whole.length < bytes.length) truncateSync(this.path, whole.length);
    return whole
      .toString()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Entry);
  }
}

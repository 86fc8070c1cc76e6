import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { YOURS } from './readme-walk.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** TypeScript in a page, and the file that its comment says it shows. */
export interface Block {
  /** From the repository's root; undefined where no comment stands above it. */
  readonly path: string | undefined;
  /** It says less than the file does. */
  readonly inShort: boolean;
  readonly code: string;
}

export const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

/** All but those of the reader's own application, which are tried in one. */
export function blocksOf(page: string): readonly Block[] {
  const ours = page.replaceAll(YOURS, '');
  const found = [...ours.matchAll(/(?:<!-- (\S+?)(, in short)? -->\s*)?```ts\n([\s\S]*?)\n```/g)];
  return found.map(([, path, inShort, code]) => ({ path, inShort: inShort !== undefined, code: `${code}\n` }));
}

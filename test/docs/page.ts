import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

import { read } from './readme-blocks.js';

const STAGE = fileURLToPath(new URL('page-stage.js', import.meta.url));

/**
 * A page of `docs/` as one program: its TypeScript blocks, in order, and between them what stands in `<!-- ts … -->`, which a reader of the page does not
 * see. Each line of it is the line of the page.
 */
export interface Page {
  /** From the repository's root. */
  readonly path: string;
  readonly program: string;
  /** It says what some of its expressions come to, so it is run. */
  readonly isRun: boolean;
}

/** All that have TypeScript in them. */
export function pagesOf(folder: string): readonly Page[] {
  return readdirSync(new URL(`../../${folder}`, import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .toSorted()
    .map((file) => `${folder}/${file}`)
    .flatMap((path) => pageOf(path, read(path)) ?? []);
}

export function pageOf(path: string, text: string): Page | undefined {
  const lines = text.split('\n');
  let end: string | undefined;
  const code = lines.map((line) => {
    if (end === undefined) {
      end = /^```(ts|typescript)$/.test(line) ? '```' : line === '<!-- ts' ? '-->' : undefined;
      return '';
    }
    if (line !== end) return line;
    end = undefined;
    return '';
  });
  if (code.every((line) => line === '')) return undefined;
  const shown = withShownValues(path, code.join('\n'));
  return {
    path,
    // The first line of a page is its title.
    program: `import { application, shows } from ${JSON.stringify(STAGE)}; export { application, shows };${shown}`,
    isRun: shown.includes(SHOWS),
  };
}

const SHOWS = 'await shows(';
/** Behind an expression, in its line or the next: what it comes to. It may go on in further lines, further in. */
const EXPECTED = /^;?[ \t]*\n?[ \t]*\/\/ → (.*(?:\n[ \t]*\/\/ {2,}.*)*)/;

/** `await saga.result(); // → { … }` becomes a call that compares. It stays in its line. */
function withShownValues(path: string, code: string): string {
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS);
  const changes = file.statements.filter(ts.isExpressionStatement).flatMap((statement) => {
    const [, expected] = EXPECTED.exec(code.slice(statement.end)) ?? [];
    if (expected === undefined) return [];
    const line = file.getLineAndCharacterOfPosition(statement.getStart()).line + 1;
    const text = expected.replaceAll(/\n[ \t]*\/\/ +/g, ' ');
    const { expression } = statement;
    const call = `${SHOWS}${JSON.stringify([`${path}:${line}`, text]).slice(1, -1)}, async () => (${expression.getText()}))`;
    return [{ start: expression.getStart(), end: expression.end, call }];
  });
  const marks = code.match(/\/\/ →/g)?.length ?? 0;
  if (marks !== changes.length)
    throw new Error(
      `${path}: of ${marks} comments with →, ${changes.length} stand behind an expression. Put each behind a statement that is an expression, not indented.`,
    );
  return changes.reduceRight((text, { start, end, call }) => `${text.slice(0, start)}${call}${text.slice(end)}`, code);
}

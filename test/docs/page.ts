import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

import { read } from './readme-blocks.js';

const STAGE = fileURLToPath(new URL('page-stage.js', import.meta.url));

/**
 * A page of `docs/` as one program: its TypeScript blocks, in order, and between them what stands in `<!-- ts … -->`, which a reader of the page does not
 * see. Each line of it is the line of the page. A Mermaid block below `<!-- draws … -->` is what that expression comes to.
 */
export interface Page {
  /** From the repository's root. */
  readonly path: string;
  readonly program: string;
  /** The same as a module with a function `run`: what fails in it is the caller's to know, which a module that fails to load is not for certain. */
  readonly module: string;
  /** It says what some of its expressions come to, so it is run. */
  readonly isRun: boolean;
}

/** Paths of all Markdown files in a folder and below. */
export const markdownIn = (folder: string): readonly string[] =>
  readdirSync(new URL(`../../${folder}`, import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .toSorted()
    .map((file) => `${folder}/${file}`);

/** Those that have TypeScript in them. */
export const pagesOf = (folder: string): readonly Page[] => markdownIn(folder).flatMap((path) => pageOf(path, read(path)) ?? []);

export function pageOf(path: string, text: string): Page | undefined {
  const lines = text.split('\n');
  let end: string | undefined;
  const code = lines.map((line, index) => {
    if (end === undefined) {
      const [, expression] = /^<!-- draws (.+) -->$/.exec(line) ?? [];
      if (expression !== undefined) return `${shownBy(`${path}:${index + 1}`, drawingBelow(lines, index), expression)};`;
      end = /^```(ts|typescript)$/.test(line) ? '```' : line === '<!-- ts' ? '-->' : undefined;
      return '';
    }
    if (line !== end) return line;
    end = undefined;
    return '';
  });
  if (code.every((line) => line === '')) return undefined;
  const shown = withShownValues(path, code.join('\n'));
  // The first line of a page is its title.
  const program = `import { application, shows } from ${JSON.stringify(STAGE)}; export { application, shows };${shown}`;
  return { path, program, module: moduleOf(program), isRun: shown.includes(SHOWS) };
}

/** Imports move to the first line, so that all else keeps its own. */
function moduleOf(program: string): string {
  const imports = parse('page.ts', program).statements.filter(ts.isImportDeclaration);
  const rest = imports.reduceRight(
    (text, { pos, end }) => text.slice(0, pos) + text.slice(pos, end).replaceAll(/[^\n]/g, '') + text.slice(end),
    program,
  );
  const first = imports.map((one) => one.getText().replaceAll('\n', ' ')).join(' ');
  return `${first} export async function run() {${rest.replace('export { application, shows };', '')}\n}`;
}

const parse = (path: string, code: string): ts.SourceFile =>
  ts.createSourceFile(path, code, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS);

const SHOWS = 'await shows(';
/** Behind an expression, in its line or the next: what it comes to. It may go on in further lines, further in. */
const EXPECTED = /^;?[ \t]*\n?[ \t]*\/\/ → (.*(?:\n[ \t]*\/\/ {2,}.*)*)/;

const shownBy = (place: string, text: string, expression: string): string =>
  `${SHOWS}${JSON.stringify(place)}, ${JSON.stringify(text)}, async () => (${expression}))`;

function drawingBelow(lines: readonly string[], index: number): string {
  const below = lines.slice(index + 1);
  const start = below.findIndex((line) => line !== '');
  if (below[start] !== '```mermaid') return 'a mermaid block right below';
  return below.slice(start + 1, below.indexOf('```', start)).join('\n');
}

/** `await saga.result(); // → { … }` becomes a call that compares. It stays in its line. */
function withShownValues(path: string, code: string): string {
  const file = parse(path, code);
  const changes = file.statements.filter(ts.isExpressionStatement).flatMap((statement) => {
    const [, expected] = EXPECTED.exec(code.slice(statement.end)) ?? [];
    if (expected === undefined) return [];
    const line = file.getLineAndCharacterOfPosition(statement.getStart()).line + 1;
    const text = expected.replaceAll(/\n[ \t]*\/\/ +/g, ' ');
    const { expression } = statement;
    return [{ start: expression.getStart(), end: expression.end, call: shownBy(`${path}:${line}`, text, expression.getText()) }];
  });
  const marks = code.match(/\/\/ →/g)?.length ?? 0;
  if (marks !== changes.length)
    throw new Error(
      `${path}: of ${marks} comments with →, ${changes.length} stand behind an expression. Put each behind a statement that is an expression, not indented.`,
    );
  return changes.reduceRight((text, { start, end, call }) => `${text.slice(0, start)}${call}${text.slice(end)}`, code);
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

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

export function blocksOf(page: string): readonly Block[] {
  const found = [...page.matchAll(/(?:<!-- (\S+?)(, in short)? -->\s*)?```ts\n([\s\S]*?)\n```/g)];
  return found.map(([, path, inShort, code]) => ({ path, inShort: inShort !== undefined, code: `${code}\n` }));
}

/** Compiles each block in the place of its file, all together. */
export function faultsOf(blocks: readonly Block[]): readonly string[] {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, ROOT);
  const inPlace = new Map(blocks.map(({ path = 'nowhere.ts', code }) => [`${ROOT}${path}`, code]));
  const host = ts.createCompilerHost(options);
  const readFromDisk = host.readFile.bind(host);
  host.readFile = (file) => inPlace.get(file) ?? readFromDisk(file);
  host.getSourceFile = (file, target) => {
    const text = host.readFile(file);
    return text === undefined ? undefined : ts.createSourceFile(file, text, target);
  };
  const program = ts.createProgram([...inPlace.keys()], { ...options, noEmit: true, incremental: false, declaration: false }, host);
  return ts.getPreEmitDiagnostics(program).map((fault) => ts.formatDiagnostic(fault, host).trim());
}

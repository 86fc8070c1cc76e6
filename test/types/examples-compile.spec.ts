import { basename, join } from 'node:path';
import ts from 'typescript';

const CONFIG = join(import.meta.dirname, 'tsconfig.json');

/** The programs beside this file, compiled as strictly as the library itself; none of them runs. */
function compileExamples(): { readonly files: readonly string[]; readonly faults: readonly string[] } {
  const config = ts.parseJsonConfigFileContent(ts.readConfigFile(CONFIG, ts.sys.readFile).config, ts.sys, import.meta.dirname);
  const files = config.fileNames.filter((file) => !file.endsWith('.spec.ts'));
  const program = ts.createProgram(files, config.options);
  const host = { getCanonicalFileName: (name: string) => name, getCurrentDirectory: () => import.meta.dirname, getNewLine: () => '\n' };
  const words = (fault: ts.Diagnostic): string => ts.formatDiagnostic(fault, host).trim();
  const faults = ts.getPreEmitDiagnostics(program).map(words);
  return { files: files.map((file) => basename(file)), faults: [...config.errors.map(words), ...faults] };
}

describe('the public surface', () => {
  it('compiles the examples, and refuses each line that says @ts-expect-error', () => {
    const { files, faults } = compileExamples();
    expect(faults).toEqual([]);
    expect(files).toEqual(['first-saga.ts', 'http.ts', 'onboarding.ts', 'order.ts', 'starting.ts', 'transactional.ts', 'travel.ts']);
  }, 120_000);
});

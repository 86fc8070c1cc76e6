import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Compiles programs that are in no file, each as if it stood in the place that it is named by, all together.
 *
 * @param programs by path from the repository's root
 * @returns what the compiler says against them, each with path, line and column
 */
export function faultsIn(programs: ReadonlyMap<string, string>, overrides: ts.CompilerOptions = {}): readonly string[] {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, ROOT);
  const inPlace = new Map([...programs].map(([path, code]) => [`${ROOT}${path}`, code]));
  const host = ts.createCompilerHost(options);
  const [readFromDisk, isOnDisk] = [host.readFile.bind(host), host.fileExists.bind(host)];
  host.fileExists = (file) => inPlace.has(file) || isOnDisk(file);
  delete host.directoryExists; // a folder that is not on disk would be asked for nothing
  host.readFile = (file) => inPlace.get(file) ?? readFromDisk(file);
  host.getSourceFile = (file, target) => {
    const text = host.readFile(file);
    return text === undefined ? undefined : ts.createSourceFile(file, text, target);
  };
  host.getCurrentDirectory = () => ROOT;
  const once = { noEmit: true, incremental: false, declaration: false };
  const program = ts.createProgram([...inPlace.keys()], { ...options, ...once, ...overrides }, host);
  return ts.getPreEmitDiagnostics(program).map((fault) => ts.formatDiagnostic(fault, host).trim());
}

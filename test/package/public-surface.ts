import { join } from 'node:path';
import ts from 'typescript';

const ENTRIES = ['index', 'postgres', 'testing'] as const;
const UNDOCUMENTED = ts.SymbolFlags.TypeParameter | ts.SymbolFlags.Constructor | ts.SymbolFlags.Prototype | ts.SymbolFlags.Signature;

export interface Surface {
  /** By entry, what it exports beside values. */
  readonly types: Readonly<Record<string, readonly string[]>>;
  /** Exports, members and options without a comment, such as `SagaModuleOptions.worker.lease`. */
  readonly undocumented: readonly string[];
}

/** What the declarations of an unpacked package make public. */
export function surfaceOf(packageFolder: string): Surface {
  const files = ENTRIES.map((entry) => join(packageFolder, 'dist', `${entry}.d.ts`));
  const { NodeNext } = ts.ModuleKind;
  const moduleResolution = ts.ModuleResolutionKind.NodeNext;
  const program = ts.createProgram(files, { module: NodeNext, moduleResolution, target: ts.ScriptTarget.ES2023, types: [] });
  const checker = program.getTypeChecker();
  const exportsOf = (file: string): ts.Symbol[] => {
    const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);
    return exported.map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
  };
  const isType = ({ flags }: ts.Symbol): boolean => (flags & ts.SymbolFlags.Value) === 0;
  const namesOf = (file: string): string[] =>
    exportsOf(file)
      .filter(isType)
      .map(({ name }) => name);
  return {
    types: Object.fromEntries(ENTRIES.map((entry, index) => [entry, namesOf(files[index]!).toSorted()])),
    undocumented: files.flatMap(exportsOf).flatMap((symbol) => undocumentedIn(symbol, symbol.name, checker)),
  };
}

function undocumentedIn(symbol: ts.Symbol, path: string, checker: ts.TypeChecker): readonly string[] {
  const [declaration] = symbol.declarations ?? [];
  const isHidden = declaration !== undefined && (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) !== 0;
  if (isHidden || (symbol.flags & UNDOCUMENTED) !== 0) return [];
  const isDocumented = symbol.getDocumentationComment(checker).length > 0;
  const members = symbol.flags & ts.SymbolFlags.Property && !/Options\./.test(path) ? [] : membersOf(symbol);
  const below = members.flatMap((member) => undocumentedIn(member, `${path}.${member.name}`, checker));
  return isDocumented ? below : [path, ...below];
}

/** Of a class or an interface, and of an option that is an object: `worker: { … }`. */
function membersOf({ flags, members, exports, valueDeclaration }: ts.Symbol): readonly ts.Symbol[] {
  if (flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) return [...(members?.values() ?? []), ...(exports?.values() ?? [])];
  if (!valueDeclaration || !ts.isPropertySignature(valueDeclaration) || !valueDeclaration.type) return [];
  const { type } = valueDeclaration;
  return ts.isTypeLiteralNode(type) ? type.members.flatMap((member) => (member as { symbol?: ts.Symbol }).symbol ?? []) : [];
}

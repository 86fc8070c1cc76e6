const SAGA = '^libs/saga/src';
const TESTS = '\\.(spec|e2e-spec|conformance|fixture)\\.ts$|/conformance/';
const WIRING = `${SAGA}/(index|postgres|testing|saga[^/]*)\\.ts$|${SAGA}/participant/[^/]*\\.module\\.ts$`;
const PARTS = `${SAGA}/(definition|execution|observability|participant|planning|store|testing)/`;
/** Packages that an application in memory mode need not install. */
const OPTIONAL_PEERS =
  '^(typeorm|@nestjs/typeorm|@nestjs/microservices|pg)(/|$)|node_modules/(typeorm|@nestjs/typeorm|@nestjs/microservices|pg)/';

/** A part of the library may import itself and what `allowed` names of the other parts. */
function arrow(part, allowed) {
  const targets = [`${SAGA}/${part}/`, ...allowed.map((target) => `${SAGA}/${target}`)];
  return {
    name: `${part}-arrow`,
    comment: `libs/saga/src/${part} may import: ${allowed.join(', ') || 'nothing of the other parts'}. See docs/ARCHITECTURE.md.`,
    severity: 'error',
    from: { path: `${SAGA}/${part}/`, pathNot: [TESTS, WIRING] },
    to: { path: SAGA, pathNot: targets },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    arrow('planning', []),
    arrow('definition', ['planning/']),
    arrow('store', ['planning/']),
    // What a command and its reply look like on the way is said once, by the side that answers.
    arrow('execution', ['planning/', 'definition/', 'store/[^/]+\\.ts$', 'participant/protocol\\.ts$']),
    arrow('participant', ['planning/', 'definition/', 'store/']),
    {
      name: 'observability-by-wiring-alone',
      comment: 'What watches sagas is attached by the modules: nothing that executes them may depend on it.',
      severity: 'error',
      from: { pathNot: [`${SAGA}/observability/`, WIRING, TESTS, '^test/'] },
      to: { path: `${SAGA}/observability/` },
    },
    {
      name: 'stores-by-wiring-alone',
      comment: 'Code knows the store by its interface; which one it is, the modules choose.',
      severity: 'error',
      from: {
        pathNot: [
          `${SAGA}/store/in-memory/`,
          `${SAGA}/store/postgres/`,
          `${SAGA}/participant/postgres/`,
          WIRING,
          TESTS,
          '^(test|bench|tools)/',
        ],
      },
      to: { path: `${SAGA}/store/(in-memory|postgres)/` },
    },
    {
      name: 'stores-apart',
      comment: 'One store must be removable without the other.',
      severity: 'error',
      from: { path: `${SAGA}/store/(in-memory|postgres)/`, pathNot: TESTS },
      to: { path: `${SAGA}/store/(in-memory|postgres)/`, pathNot: `${SAGA}/store/$1/` },
    },
    {
      name: 'postgres-loaded-late',
      comment: 'The main entry must load without TypeORM: import what needs it with `await import()`, or as a type.',
      severity: 'error',
      from: { path: SAGA, pathNot: [`${SAGA}/(store|participant)/postgres/`, `${SAGA}/postgres\\.ts$`, TESTS] },
      to: { path: `${SAGA}/((store|participant)/postgres/|postgres\\.ts$)`, dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'optional-peers-loaded-late',
      comment:
        'Memory mode must not load TypeORM, pg or @nestjs/microservices: use `import type`, and `await import()` where it is needed.',
      severity: 'error',
      from: { path: SAGA, pathNot: [`${SAGA}/(store|participant)/postgres/`, `${SAGA}/postgres\\.ts$`, TESTS] },
      to: { path: OPTIONAL_PEERS, dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'testing-is-for-users',
      comment: 'What users test with is no part of what runs.',
      severity: 'error',
      from: { path: SAGA, pathNot: [`${SAGA}/testing(/|\\.ts$)`, TESTS] },
      to: { path: `${SAGA}/testing(/|\\.ts$)` },
    },
    {
      name: 'parts-do-not-import-wiring',
      comment: 'Modules put the parts together; a part that imports them turns the arrow round.',
      severity: 'error',
      from: { path: PARTS, pathNot: [TESTS, WIRING] },
      to: { path: WIRING },
    },
    {
      name: 'library-stands-alone',
      comment: 'The library is published: it knows no application, no contract of the shop and no tool.',
      severity: 'error',
      from: { path: SAGA, pathNot: TESTS },
      to: { path: '^(apps|libs/contracts|tools|test|bench)/' },
    },
    {
      name: 'apps-use-public-entries',
      comment:
        "Applications import the library by its entries: 'nestjs-sagas', 'nestjs-sagas/postgres', 'nestjs-sagas/testing', and 'contracts'.",
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/', pathNot: [`${SAGA}/(index|postgres|testing)\\.ts$`, '^libs/contracts/src/index\\.ts$'] },
    },
    {
      name: 'apps-import-libraries-by-name',
      comment: 'A relative path into libs works here and nowhere else.',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/', dependencyTypesNot: ['aliased-tsconfig-paths'] },
    },
    {
      name: 'apps-apart',
      comment: 'Services share libs/contracts and nothing else.',
      severity: 'error',
      from: { path: '^(apps/[^/]+)/' },
      to: { path: '^(apps|tools|test|bench)/', pathNot: ['^$1/', '^test/support/'] },
    },
    {
      name: 'contracts-stand-alone',
      comment: 'Contracts are shared by all services, so they know none.',
      severity: 'error',
      from: { path: '^libs/contracts/' },
      to: { path: '^(apps|tools|test|bench)/' },
    },
    {
      name: 'no-cycles',
      comment:
        'Files that need one another while loading are one file, or there is a third one between them. Types may refer to one another.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'The import finds no file or package. What bench/ alone installs need not be there.',
      severity: 'error',
      from: { pathNot: '^(test/types/|bench/programs/dbos\\.ts)' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(bench/)?dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};

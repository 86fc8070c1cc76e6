import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

import { buildAndRun, makeBareApplication } from './bare-application.js';
import { surfaceOf } from './public-surface.js';
import { packTarball, ROOT, run, unpackTarball } from './tarball.js';

/** Nothing of it needs a database, a message bus or TypeORM. */
const PROGRAM = `
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Compensate, CompensationContext, SagaClient, SagaContext, SagaDefinition, SagaModule, SagaStep, StepRejected } from 'nestjs-sagas';
import { stepContext } from 'nestjs-sagas/testing';

@SagaDefinition({ name: 'trip' })
class Trip {
  @SagaStep()
  flight({ input }: SagaContext<{ to: string }>) {
    return { pnr: input.to };
  }

  @Compensate('flight')
  cancelFlight(_: CompensationContext, flight: { pnr: string } | undefined) {
    console.log('cancelled', flight?.pnr);
  }

  @SagaStep({ kind: 'pivot' })
  pay({ input, results }: SagaContext<{ to: string }, Trip>): { paid: string } {
    if (input.to === 'Atlantis') throw new StepRejected('NO_SUCH_PLACE');
    return { paid: results.flight.pnr };
  }
}

@Module({ imports: [SagaModule.forRoot({ store: 'memory' })], providers: [Trip] })
class AppModule {}

@Module({ imports: [SagaModule.forRoot({ store: 'memory', participants: { airline: {} } })], providers: [Trip] })
class WithParticipants {}

async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const sagas = app.get(SagaClient);
  console.log((await (await sagas.start(Trip, { to: 'Rome' })).result()).pay.paid);
  await (await sagas.start(Trip, { to: 'Atlantis' })).result().catch((error: Error) => console.log(error.name));
  console.log(new Trip().flight(stepContext({ input: { to: 'Oslo' } })).pnr);
  await app.close();
  await NestFactory.createApplicationContext(WithParticipants, { logger: false, abortOnError: false }).catch(({ message }: Error) => console.log(message));
}
void main();
`;

const PRINTED = `Rome
cancelled Atlantis
SagaCompensatedError
Oslo
SagaModule.forRoot({ participants }) needs @nestjs/microservices: npm install @nestjs/microservices.
`;

// What is added here is promised to users from then on.
const VALUES = {
  index: [
    'AwaitEvent',
    'AwaitSignal',
    'ChildSaga',
    'Compensate',
    'CompensationContext',
    'DeferredReplies',
    'DeferredReply',
    'RetryLater',
    'SagaAlertEvent',
    'SagaClient',
    'SagaCommand',
    'SagaCommandContext',
    'SagaCompensatedError',
    'SagaCompensatedEvent',
    'SagaCompensatingEvent',
    'SagaCompletedEvent',
    'SagaConflictError',
    'SagaContext',
    'SagaDefinition',
    'SagaDefinitionError',
    'SagaEmptiedError',
    'SagaError',
    'SagaHandler',
    'SagaInputError',
    'SagaLifecycleEvent',
    'SagaModule',
    'SagaNotFoundError',
    'SagaOperationError',
    'SagaParticipantModule',
    'SagaResultTimeoutError',
    'SagaSignalError',
    'SagaStartedEvent',
    'SagaStep',
    'SagaStuckError',
    'SagaStuckEvent',
    'SagaTransaction',
    'StartRule',
    'StepRejected',
    'child',
    'defineSignal',
    'isSagaError',
    'on',
    'toMermaid',
  ],
  postgres: [
    'AddFamilies',
    'AddMessages',
    'AddRetention',
    'AddSessionLocks',
    'CreateSagaFence',
    'CreateSagaGraph',
    'CreateSagaTables',
    'SagaFenceEntity',
    'SagaGraphEntity',
    'SagaInstanceEntity',
    'SagaJournalEntity',
    'SagaMailboxEntity',
    'SagaNodeEntity',
    'SchemaMigration',
    'sagaEntities',
    'sagaMigrations',
    'sagaParticipantEntities',
    'sagaParticipantMigrations',
  ],
  testing: ['compensationContext', 'stepContext'],
};

const TYPES = {
  index: [
    'AwaitOptions',
    'CommandStatus',
    'CompensateOptions',
    'DeferredReplyOptions',
    'DeferredReplyResult',
    'Duration',
    'JournalEntry',
    'OperatorNote',
    'OverdueDefinition',
    'RetryPolicy',
    'SagaDefinitionOptions',
    'SagaFailure',
    'SagaHandle',
    'SagaHealth',
    'SagaInput',
    'SagaModuleAsyncOptions',
    'SagaModuleExtras',
    'SagaModuleOptions',
    'SagaOptionsFactory',
    'SagaPage',
    'SagaParticipantAsyncOptions',
    'SagaParticipantOptions',
    'SagaParticipantOptionsFactory',
    'SagaPayload',
    'SagaQuery',
    'SagaStatus',
    'SagaStatusHandler',
    'SagaView',
    'Signal',
    'StartOptions',
    'StepName',
    'StepOptions',
    'StepOutcome',
    'StepResult',
    'StepResults',
    'StepView',
  ],
  postgres: ['MigrationTarget', 'SagaJournalBody', 'SchemaMigrationClass'],
  testing: [],
};

describe('the package', () => {
  let folder: string;
  let tarball: string;
  let unpacked: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(ROOT, '.data', 'package-'));
    tarball = await packTarball(folder);
    unpacked = await unpackTarball(tarball, join(folder, 'node_modules'));
  }, 180_000);

  afterAll(() => rm(folder, { recursive: true, force: true }), 120_000);

  it('holds the compiled library and its pages, and nothing of tests or examples', () => {
    const paths = readdirSync(unpacked, { recursive: true, withFileTypes: true });
    const files = paths.filter((path) => path.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(unpacked.length + 1));
    expect(files.filter((file) => !/^dist\/.*\.(js|d\.ts)$/.test(file)).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
      'protocol/command.schema.json',
      'protocol/reply.schema.json',
    ]);
    expect(files.filter((file) => /spec|fixture|conformance/.test(file))).toEqual([]);
  });

  it('is what publint would have it', async () => {
    const { messages, pkg } = await publint({ pkgDir: unpacked, strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  // node16 leaves out the resolution of TypeScript before `exports`. CommonJS gets ES modules, as Nest 12's own packages are: see below.
  it('has types wherever it resolves', async () => {
    const flags = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-color'];
    await run(join(ROOT, 'node_modules/.bin/attw'), [tarball, ...flags]).catch(({ stdout }: { stdout: string }) => {
      throw new Error(stdout);
    });
  }, 60_000);

  it('is loaded by require: nothing awaits while it loads', async () => {
    const entries = ['', '/postgres', '/testing'].map((entry) => `nestjs-sagas${entry}`);
    const program = `for (const entry of ${JSON.stringify(entries)}) console.log(typeof require(entry))`;
    const { stdout } = await run(process.execPath, ['-e', program], { cwd: folder });
    expect(stdout).toBe('object\n'.repeat(3));
  });

  describe.each(['module', 'commonjs'] as const)('in an application (%s) without the optional packages', (type) => {
    let application: string;

    beforeAll(async () => {
      application = await makeBareApplication(tarball, type, PROGRAM);
    }, 120_000);

    afterAll(() => rm(application, { recursive: true, force: true }), 120_000);

    it("compiles, its declarations included, and runs with store: 'memory'", async () => {
      const optional = ['typeorm', '@nestjs/typeorm', '@nestjs/microservices', 'pg'];
      expect(optional.filter((name) => existsSync(join(application, 'node_modules', name)))).toEqual([]);
      await expect(buildAndRun(application)).resolves.toBe(PRINTED);
    }, 120_000);
  });

  describe('has public', () => {
    const valuesOf = async (entry: string): Promise<string[]> => {
      const program = `import(${JSON.stringify(join(unpacked, 'dist', `${entry}.js`))}).then((all) => console.log(JSON.stringify(Object.keys(all))))`;
      const { stdout } = await run(process.execPath, ['-e', program]);
      return (JSON.parse(stdout) as string[]).toSorted();
    };

    it('values: these, and no other', async () => {
      expect({ index: await valuesOf('index'), postgres: await valuesOf('postgres'), testing: await valuesOf('testing') }).toEqual(VALUES);
    }, 60_000);

    it('types: these, and no other; all with their documentation', () => {
      const { types, undocumented } = surfaceOf(unpacked);
      expect(types).toEqual(TYPES);
      expect(undocumented).toEqual([]);
    }, 60_000);
  });
});

import {
  Compensate,
  CompensationContext,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaStep,
  SagaStuckError,
  SagaTransaction,
  StepRejected,
} from 'nestjs-sagas';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';

import { eventually } from '../support/eventually.js';
import { onPostgres } from '../support/on-postgres.js';
import { describeStory, errorOf, type SagaApp } from '../support/saga-app.js';
import { World } from '../support/world.js';

const addLine = async (manager: EntityManager, line: string): Promise<void> => {
  await manager.query('insert into public.entry (text) values ($1)', [line]);
};

const ENDINGS = {
  'commits through TypeORM': async (manager: EntityManager) => manager.queryRunner?.commitTransaction(),
  'commits through TypeORM and begins anew': async (manager: EntityManager) => {
    await manager.queryRunner?.commitTransaction();
    await manager.queryRunner?.startTransaction();
  },
  'commits in SQL': async (manager: EntityManager) => manager.query('commit'),
  'commits in SQL and begins anew': async (manager: EntityManager) => manager.query('commit; begin'),
  'commits and chains': async (manager: EntityManager) => manager.query('commit and chain'),
} as const;

interface Plan {
  readonly ending?: keyof typeof ENDINGS;
  readonly undoEnding?: keyof typeof ENDINGS;
  readonly afterwards?: 'is refused' | 'fails';
  readonly nested?: boolean;
  readonly refused?: boolean;
}

@SagaDefinition<Plan>({ name: 'books', retry: { attempts: 2 } })
class BooksSaga {
  constructor(
    private readonly transaction: SagaTransaction,
    private readonly world: World,
  ) {}

  @SagaStep({ transactional: true })
  async enter({ input, attempt }: SagaContext<Plan>) {
    const { manager } = this.transaction;
    await addLine(manager, `entered#${attempt}`);
    if (input.ending !== undefined) await ENDINGS[input.ending](manager);
    if (input.nested === true) await this.failInside(manager);
    if (input.afterwards === 'is refused') throw new StepRejected('CLOSED');
    if (input.afterwards === 'fails') throw new Error('the ink is dry');
  }

  @Compensate('enter')
  async strike({ input, outcome, attempt }: CompensationContext<Plan>) {
    this.world.did(`strike#${attempt} what is ${outcome}`);
    await this.transaction.manager.query('delete from public.entry');
    if (input.undoEnding !== undefined) await ENDINGS[input.undoEnding](this.transaction.manager);
  }

  @SagaStep({ kind: 'readonly' })
  async audit({ input }: SagaContext<Plan>) {
    if (input.refused === true) throw new StepRejected('WRONG');
  }

  private async failInside(manager: EntityManager): Promise<void> {
    await manager.transaction(async (inner) => addLine(inner, 'inner'));
    await manager
      .transaction(async (inner) => {
        await addLine(inner, 'taken back');
        throw new Error('only the inner one');
      })
      .catch(() => undefined);
  }
}

const LOCK = 4711;

@SagaDefinition({ name: 'hung-books', retry: { attempts: 2 } })
class HungBooksSaga {
  constructor(private readonly transaction: SagaTransaction) {}

  @SagaStep({ transactional: true, timeout: '100ms', kind: 'readonly' })
  async enter({ attempt }: SagaContext) {
    await addLine(this.transaction.manager, `entered#${attempt}`);
    if (attempt === 1) await this.transaction.manager.query('select pg_advisory_xact_lock($1)', [LOCK]);
    return attempt;
  }
}

const store = onPostgres();

describeStory('transactions out of hand', store, ({ boot, world }) => {
  const open = async (abandonAfter?: number): Promise<SagaApp> => {
    const options = abandonAfter === undefined ? {} : { abandonAfter };
    const app = await boot({ sagas: [BooksSaga, HungBooksSaga], options: { ...options, worker: { shutdownTimeout: 20 } } });
    await app.get(DataSource).query('create table if not exists public.entry (text text); truncate public.entry');
    return app;
  };
  const lines = async (app: SagaApp): Promise<readonly string[]> => {
    const rows: { text: string }[] = await app.get(DataSource).query('select text from public.entry order by 1');
    return rows.map(({ text }) => text);
  };

  describe('a step that ends its own transaction', () => {
    it.each(Object.keys(ENDINGS) as (keyof typeof ENDINGS)[])('R9: %s: what it did stays, so its outcome is unknown', async (ending) => {
      const app = await open();
      const saga = await app.sagas.start(BooksSaga, { ending });
      const { failure } = await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(failure).toMatchObject({
        step: 'enter',
        code: 'SAGA_TRANSACTION_LOST',
        message:
          'The step ended the transaction that was opened for it, so that what it did may be durable. Leave commit and rollback to the library; throw to roll back.',
      });
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'unknown', attempts: 1 });
      expect(world().deeds).toEqual(['strike#1 what is unknown']);
      expect(await lines(app)).toEqual([]);
    });

    it.each(['is refused', 'fails'] as const)('R9: … also where it %s after that', async (afterwards) => {
      const app = await open();
      const saga = await app.sagas.start(BooksSaga, { ending: 'commits in SQL', afterwards });
      expect((await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError)).failure.code).toBe('SAGA_TRANSACTION_LOST');
      expect(world().deeds).toEqual(['strike#1 what is unknown']);
    });

    it('R17: a compensation that does so fails, and the saga waits for an operator', async () => {
      const app = await open();
      const saga = await app.sagas.start(BooksSaga, { undoEnding: 'commits in SQL', refused: true });
      const { failure } = await errorOf(saga.result({ timeout: '20s' }), SagaStuckError);
      expect(failure.left?.[0]?.why).toContain('ended the transaction that was opened for it');
      expect(world().deeds).toEqual(['strike#1 what is succeeded']);
    });

    it('a transaction inside its own is none of that, whether it commits or rolls back', async () => {
      const app = await open();
      await (await app.sagas.start(BooksSaga, { nested: true })).result();
      expect(await lines(app)).toEqual(['entered#1', 'inner']);
    });
  });

  describe('a statement that hangs', () => {
    let holder: QueryRunner;

    const hold = async (app: SagaApp): Promise<void> => {
      holder = app.get(DataSource).createQueryRunner();
      await holder.query('select pg_advisory_lock($1)', [LOCK]);
    };
    afterEach(async () => {
      if (!holder.isReleased) await letGo();
    });
    const letGo = async (): Promise<void> => {
      await holder.query('select pg_advisory_unlock($1)', [LOCK]);
      await holder.release();
    };

    it('R22: is given up after abandonAfter: the saga goes on, and nothing of it is kept', async () => {
      const app = await open(20);
      await hold(app);
      const saga = await app.sagas.start(HungBooksSaga, {});
      expect(await saga.result({ timeout: '10s' })).toEqual({ enter: 2 });
      await letGo();
      expect(await lines(app)).toEqual(['entered#2']);
    });

    it('R22: does not keep a node that stops: another one goes on', async () => {
      const app = await open();
      const other = await boot({ sagas: [] });
      await hold(other);
      const saga = await app.sagas.start(HungBooksSaga, {});
      await eventually(
        async () => (await holder.query('select 1 from pg_locks where not granted and objid = $1', [LOCK])) as unknown[],
        (waiting) => waiting.length > 0,
      );
      await app.close();
      const next = await boot({ sagas: [HungBooksSaga] });
      expect(await next.sagas.get(HungBooksSaga, saga.id).result({ timeout: '20s' })).toEqual({ enter: 2 });
      await letGo();
      expect(await lines(other)).toEqual(['entered#2']);
    });

    it('R34: … and it does not keep its place among the transactional steps', async () => {
      const app = await open(20);
      await hold(app);
      const sagas = await Promise.all(Array.from({ length: 12 }, async () => app.sagas.start(HungBooksSaga, {})));
      const results = await Promise.all(sagas.map(async (saga) => saga.result({ timeout: '20s' })));
      expect(results).toEqual(sagas.map(() => ({ enter: 2 })));
      await letGo();
      expect(await lines(app)).toEqual(sagas.map(() => 'entered#2'));
    });
  });
});

import { DataSource } from 'typeorm';

import { appPoolSize, createOwnDataSource, POOL_SIZE } from './own-data-source.js';

const UNPOOLED = { poolSize: POOL_SIZE, pooled: false };
const POOLED = { poolSize: POOL_SIZE, pooled: true };

const app = (options: object = {}): DataSource => new DataSource({ type: 'postgres', url: 'postgres://u:p@db/shop', ...options });

describe('createOwnDataSource', () => {
  it('says what it needs where the data source is no PostgreSQL', () => {
    expect(() => createOwnDataSource({ options: { type: 'mysql' } } as DataSource, UNPOOLED)).toThrow(
      "The data source is 'mysql'; sagas need PostgreSQL. For a first try: store: 'memory'.",
    );
  });

  it('takes the credentials, and nothing that acts on the application’s tables', () => {
    class Order {
      id: string;
    }
    const own = createOwnDataSource(
      app({
        synchronize: true,
        dropSchema: true,
        migrationsRun: true,
        entities: [Order],
        migrations: [Order],
        subscribers: [Order],
        isolationLevel: 'SERIALIZABLE',
      }),
      UNPOOLED,
    );
    expect(own.options).toMatchObject({
      url: 'postgres://u:p@db/shop',
      synchronize: false,
      dropSchema: false,
      migrationsRun: false,
      entities: [],
      migrations: [],
      subscribers: [],
    });
    expect(own.options).not.toHaveProperty('isolationLevel');
  });

  it('R34: has a small pool of its own, whatever the application gave its pool', () => {
    const own = createOwnDataSource(app({ poolSize: 50, extra: { max: 60, options: '-c search_path=shop', ssl: true } }), UNPOOLED);
    expect(own.options).toMatchObject({
      poolSize: 6,
      extra: { max: 6, ssl: true, options: expect.stringMatching(/^-c search_path=shop -c lock_timeout=200 /) },
    });
  });

  it('asks nothing of its sessions behind a pooler, which would refuse them', () => {
    expect(createOwnDataSource(app({ extra: { ssl: true } }), POOLED).options).toMatchObject({ extra: { ssl: true, max: 6 } });
    expect(createOwnDataSource(app(), POOLED).options).not.toHaveProperty('extra.options');
  });

  it('goes to the primary where reads are spread over replicas', () => {
    const own = createOwnDataSource(
      app({ url: undefined, replication: { master: { host: 'primary' }, slaves: [{ host: 'replica' }] } }),
      UNPOOLED,
    );
    expect(own.options).toMatchObject({ host: 'primary' });
    expect(own.options).not.toHaveProperty('replication');
  });

  it.each([
    [{}, 10],
    [{ poolSize: 7 }, 7],
    [{ poolSize: 7, extra: { max: 3 } }, 3],
  ])('R34: knows the size of the application’s pool: %j', (options, size) => {
    expect(appPoolSize(app(options))).toBe(size);
  });
});

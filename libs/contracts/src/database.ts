import { DataSource, type DataSourceOptions } from 'typeorm';

/**
 * For `TypeOrmModule.forRootAsync({ dataSourceFactory })`. Nest tries ten times and logs each error: this one names the variable to mend, and
 * where it leads, without the password.
 */
export async function openDatabase(options?: DataSourceOptions): Promise<DataSource> {
  if (options === undefined) throw new Error('There are no options for the database.');
  try {
    return await new DataSource(options).initialize();
  } catch (error) {
    const { host, pathname } = new URL(options.type === 'postgres' ? (options.url ?? '') : '');
    const why = error instanceof AggregateError ? error.errors.map(String).join('; ') : (error as Error).message;
    throw new Error(`Cannot use the database at ${host}${pathname}: ${why}. Start it, or mend DATABASE_URL.`, { cause: error });
  }
}

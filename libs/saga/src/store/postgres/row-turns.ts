/**
 * Writes of this process to one row go one after another. Without it a hundred cancels of a saga whose row somebody holds would
 * take all connections, and stop every other saga. [R32]
 */
export class RowTurns {
  private readonly last = new Map<string, Promise<unknown>>();

  async take<T>(row: string, write: () => Promise<T>): Promise<T> {
    const before = this.last.get(row);
    const mine = before === undefined ? write() : before.then(write, write);
    this.last.set(row, mine);
    try {
      return await mine;
    } finally {
      if (this.last.get(row) === mine) this.last.delete(row);
    }
  }
}

import { Command } from '@nestjs/cqrs';

import { commandNameOf, loadedCommands, SagaCommandError } from './command-registry.js';
import { SagaCommand } from './saga-command.decorator.js';

@SagaCommand({ name: 'inventory.reserve', participant: 'inventory' })
class ReserveStock extends Command<void> {}

describe('a saga command', () => {
  it('has a name on the wire and a participant, by its class and by an instance', () => {
    const address = { name: 'inventory.reserve', participant: 'inventory' };
    expect(commandNameOf(ReserveStock)).toEqual(address);
    expect(commandNameOf(new ReserveStock())).toEqual(address);
    expect(loadedCommands()).toEqual([{ ...address, type: ReserveStock }]);
  });

  it('has none where it is not decorated itself', () => {
    class Special extends ReserveStock {}
    expect(commandNameOf(new Special())).toBeUndefined();
    expect(commandNameOf(Object.create(null) as object)).toBeUndefined();
  });

  it('refuses two classes with one name, and names both', () => {
    class ReserveAgain extends Command<void> {}
    expect(() => SagaCommand({ name: 'inventory.reserve', participant: 'inventory' })(ReserveAgain)).toThrow(
      new SagaCommandError(
        "ReserveStock and ReserveAgain are both @SagaCommand({ name: 'inventory.reserve' }). Give each a name of its own.",
      ),
    );
  });

  it('refuses an empty name', () => {
    class Nameless extends Command<void> {}
    expect(() => SagaCommand({ name: '', participant: 'inventory' })(Nameless)).toThrow(
      new SagaCommandError("Nameless needs both: @SagaCommand({ name: '…', participant: '…' })."),
    );
  });
});

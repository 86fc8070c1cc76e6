import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { inMemory } from '../support/in-memory.js';
import { describeStory, errorOf } from '../support/saga-app.js';

/** All that was ever made for an attempt, as long as somebody holds it. */
const made: WeakRef<object>[] = [];
const remember = (one: object): void => void made.push(new WeakRef(one));
const left = (): number => made.filter((one) => one.deref() !== undefined).length;

@Injectable({ scope: Scope.TRANSIENT })
class Pen {
  constructor() {
    remember(this);
  }
}

@Injectable({ scope: Scope.REQUEST })
class Desk {
  constructor(
    readonly pen: Pen,
    @Inject(REQUEST) context: SagaContext,
  ) {
    remember(this);
    remember(context);
  }
}

/** Nest keeps one of it for each tenant, where an application says so for its HTTP requests; an attempt is none. */
@Injectable({ scope: Scope.REQUEST, durable: true })
class Archive {
  constructor() {
    remember(this);
  }
}

class File extends Command<void> {}

@CommandHandler(File, { scope: Scope.REQUEST })
class FileHandler implements ICommandHandler<File> {
  constructor() {
    remember(this);
  }

  async execute() {}
}

@SagaDefinition({ name: 'office' })
class OfficeSaga {
  constructor(
    readonly desk: Desk,
    readonly archive: Archive,
  ) {
    remember(this);
  }

  @SagaStep({ each: () => [1, 2, 3] })
  async write({ attempt, item }: SagaContext<unknown, unknown, number>) {
    if (attempt === 1) throw new Error('blot');
    return item;
  }

  @Compensate('write')
  async tear() {}

  @SagaStep({ kind: 'readonly' })
  file() {
    return new File();
  }

  @SagaStep({ kind: 'readonly' })
  async sign() {
    throw new StepRejected('NO_PEN');
  }
}

@SagaDefinition({ name: 'note', scope: Scope.TRANSIENT })
class NoteSaga {
  constructor(readonly pen: Pen) {
    remember(this);
  }

  @SagaStep({ kind: 'readonly' })
  async write() {}
}

describeStory('what was made for an attempt', inMemory, ({ boot }) => {
  it('is let go when the attempt is over, in an application that goes on', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const app = await boot({ sagas: [OfficeSaga, NoteSaga], providers: [Desk, Pen, Archive, FileHandler] });
    for (let number = 0; number < 20; number += 1) {
      await errorOf((await app.sagas.start(OfficeSaga, {})).result(), SagaCompensatedError);
      await (await app.sagas.start(NoteSaga, {})).result();
    }
    // Eleven attempts of the office, each with a desk, a context, a pen, an archive and itself, and one handler; two of a note.
    expect(made.length).toBeGreaterThanOrEqual(20 * (11 * 5 + 1 + 2));
    await eventually(
      () => {
        collect();
        return left();
      },
      (count) => count === 0,
    );
  });
});

import { setTimeout as pause } from 'node:timers/promises';

import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { DeferredReplies, SagaCommandContext, SagaTransaction, StepRejected } from 'nestjs-sagas';
import { DataSource } from 'typeorm';

import { Pack, Release, Reserve, Unpack } from './commands.js';
import { Lines } from './lines.js';

@CommandHandler(Reserve)
class ReserveHandler implements ICommandHandler<Reserve> {
  constructor(private readonly lines: Lines) {}

  /** Refused after its work, which is taken back then. */
  async execute({ order, refused }: Reserve): Promise<string> {
    await this.lines.write(order, 'reserve');
    if (refused) throw new StepRejected('OUT_OF_STOCK', 'there is none left');
    return order;
  }
}

@CommandHandler(Release)
class ReleaseHandler implements ICommandHandler<Release> {
  constructor(private readonly lines: Lines) {}

  async execute({ order }: Release): Promise<void> {
    await this.lines.write(order, 'release');
  }
}

@CommandHandler(Pack)
class PackHandler implements ICommandHandler<Pack> {
  constructor(
    private readonly lines: Lines,
    private readonly transaction: SagaTransaction,
    private readonly call: SagaCommandContext,
  ) {}

  async execute({ order, refused }: Pack): Promise<void> {
    await this.lines.write(order, 'pack');
    const { token, later } = this.call.defer();
    await this.transaction.manager.query('insert into packing (token, order_name, refused) values ($1, $2, $3)', [token, order, refused]);
    return later;
  }
}

@CommandHandler(Unpack)
class UnpackHandler implements ICommandHandler<Unpack> {
  constructor(private readonly lines: Lines) {}

  async execute({ order }: Unpack): Promise<void> {
    await this.lines.write(order, 'unpack');
  }
}

const LOOK_MS = 100;

interface Packing {
  readonly token: string;
  readonly order_name: string;
  readonly refused: boolean;
}

/** Answers later what was to be packed: in a transaction of its own, which takes it from the list. */
@Injectable()
class Packer implements OnApplicationBootstrap, OnApplicationShutdown {
  private isOver = false;

  constructor(
    private readonly database: DataSource,
    private readonly replies: DeferredReplies,
  ) {}

  onApplicationBootstrap(): void {
    void this.pack();
  }

  onApplicationShutdown(): void {
    this.isOver = true;
  }

  private async pack(): Promise<void> {
    while (!this.isOver) {
      // What fails is there at the next look.
      await this.packOne().catch(() => undefined);
      await pause(LOOK_MS);
    }
  }

  private async packOne(): Promise<void> {
    await this.database.transaction(async (manager) => {
      const [rows] = await manager.query<[Packing[], number]>(
        'delete from packing where token in (select token from packing limit 1) returning token, order_name, refused',
      );
      for (const { token, order_name, refused } of rows) {
        if (!refused) await this.replies.complete(token, undefined, { manager });
        else if ((await this.replies.reject(token, new StepRejected('TOO_LARGE', 'it fits no box'), { manager })).accepted) {
          await manager.query("delete from line where order_name = $1 and done = 'pack'", [order_name]);
        }
      }
    });
  }
}

export const STOCK_PROVIDERS: readonly Provider[] = [Lines, ReserveHandler, ReleaseHandler, PackHandler, UnpackHandler, Packer];

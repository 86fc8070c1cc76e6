import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { SOLD_OUT_SKU } from 'contracts';
import { Repository } from 'typeorm';

import { Stock } from './stock.entity.js';

const ENOUGH_FOR_EVERYBODY = 1_000_000;

const CATALOGUE = [
  { sku: 'OAK-TABLE', seeded: ENOUGH_FOR_EVERYBODY },
  { sku: 'LINEN-CHAIR', seeded: ENOUGH_FOR_EVERYBODY },
  { sku: 'BRASS-LAMP', seeded: ENOUGH_FOR_EVERYBODY },
  { sku: 'WOOL-RUG', seeded: ENOUGH_FOR_EVERYBODY },
  { sku: 'CLAY-POT', seeded: ENOUGH_FOR_EVERYBODY },
  { sku: SOLD_OUT_SKU, seeded: 0 },
];

/** Fills the shelves, once: a sku that is there already keeps its numbers. */
@Injectable()
export class Catalogue implements OnModuleInit {
  constructor(@InjectRepository(Stock) private readonly stock: Repository<Stock>) {}

  async onModuleInit(): Promise<void> {
    const rows = CATALOGUE.map(({ sku, seeded }) => ({ sku, seeded, available: seeded }));
    await this.stock.createQueryBuilder().insert().values(rows).orIgnore().execute();
  }
}

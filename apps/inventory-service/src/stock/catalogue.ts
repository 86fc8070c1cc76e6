import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { SOLD_OUT_SKU } from 'contracts';
import { Repository } from 'typeorm';

import { Stock } from './stock.entity.js';

const ENOUGH_FOR_EVERYBODY = 1_000_000;

const CATALOGUE = [
  { sku: 'OAK-TABLE', warehouse: 'north', seeded: ENOUGH_FOR_EVERYBODY },
  { sku: 'LINEN-CHAIR', warehouse: 'north', seeded: ENOUGH_FOR_EVERYBODY },
  { sku: 'BRASS-LAMP', warehouse: 'north', seeded: ENOUGH_FOR_EVERYBODY },
  { sku: 'WOOL-RUG', warehouse: 'north', seeded: ENOUGH_FOR_EVERYBODY },
  { sku: 'CLAY-POT', warehouse: 'south', seeded: ENOUGH_FOR_EVERYBODY },
  { sku: SOLD_OUT_SKU, warehouse: 'south', seeded: 0 },
];

/** Fills the shelves, once: a sku that is there already keeps its numbers. */
@Injectable()
export class Catalogue implements OnModuleInit {
  constructor(@InjectRepository(Stock) private readonly stock: Repository<Stock>) {}

  async onModuleInit(): Promise<void> {
    const rows = CATALOGUE.map((article) => ({ ...article, available: article.seeded }));
    await this.stock.createQueryBuilder().insert().values(rows).orIgnore().execute();
  }
}

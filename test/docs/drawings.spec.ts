import { toMermaid } from 'nestjs-sagas';

import { PlaceOrderSaga } from '../../apps/order-service/src/place-order/place-order.saga.js';
import { readMermaid } from '../support/read-mermaid.js';
import { markdownIn } from './page.js';
import { read } from './readme-blocks.js';

/** What a comment above a drawing may say that it shows. */
const DRAWN = { 'toMermaid(PlaceOrderSaga)': toMermaid(PlaceOrderSaga) };

const drawings = ['README.md', ...markdownIn('docs')].flatMap((page) =>
  [...read(page).matchAll(/(?:<!-- (.+?) -->\s*)?```mermaid\n([\s\S]*?)\n```/g)].map(([, of = '', text = '']) => ({ page, of, text })),
);

describe('drawings in the documents', () => {
  it.each(drawings)('$page $of: Mermaid can read it', async ({ text }) => {
    expect(Object.keys((await readMermaid(text)).boxes)).not.toEqual([]);
  });

  it.each(Object.entries(DRAWN))('%s is in them, as it is', (shown, text) => {
    expect(drawings.find(({ of }) => of === shown)?.text).toBe(text);
  });
});

// npx tsx tools/demo/write-orders.ts: writes the shipped orders file anew, after a change of shop-orders.ts.
import { writeFile } from 'node:fs/promises';
import { asJsonLines, shopOrders } from './shop-orders.js';

await writeFile(new URL('./orders.jsonl', import.meta.url), asJsonLines(shopOrders()));

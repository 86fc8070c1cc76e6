import { DBOS } from '@dbos-inc/dbos-sdk';
import { Client } from 'pg';
import type { Endings } from '../harness/protocol.js';
import type { Kind, Order } from '../workload/order.js';
import { bookShipment, chargeCard, refundCard, REFUSAL, releaseStock, reserveStock, type Shipment } from '../workload/steps.js';
import { drive } from './drive.js';
import type { Program } from './program.js';

/** Its own default is 10. */
const POOL_SIZE = 20;

/** A completed workflow has three steps; a compensated one those, the third with its error, and two compensations. */
const ENDINGS = `
  select
    count(*) filter (where status = 'SUCCESS' and steps = 3 and errors = 0) as completed,
    count(*) filter (where status = 'SUCCESS' and steps = 5 and errors = 1) as compensated,
    count(*) as all
  from dbos.workflow_status as w
  left join (
    select workflow_uuid, count(*) as steps, count(error) as errors from dbos.operation_outputs group by workflow_uuid
  ) as o on o.workflow_uuid = w.workflow_uuid`;

const orderSaga = DBOS.registerWorkflow(
  async (order: Order): Promise<Kind> => {
    const reservation = await DBOS.runStep(() => reserveStock(order), { name: 'reserveStock' });
    const charge = await DBOS.runStep(() => chargeCard(order), { name: 'chargeCard' });
    try {
      await DBOS.runStep(() => bookShipmentOrThrow(order), { name: 'bookShipment' });
      return 'happy';
    } catch {
      await DBOS.runStep(() => refundCard(charge), { name: 'refundCard' });
      await DBOS.runStep(() => releaseStock(reservation), { name: 'releaseStock' });
      return 'compensate';
    }
  },
  { name: 'order' },
);

async function bookShipmentOrThrow(order: Order): Promise<Shipment> {
  const shipment = await bookShipment(order);
  if (!shipment) throw new Error(REFUSAL);
  return shipment;
}

/** DBOS as its documents show it: a workflow, its steps, and what undoes them where one throws. Each step is durable, as by default. */
class Dbos implements Program {
  private url: string;

  async open(url: string): Promise<void> {
    this.url = url;
    DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, systemDatabasePoolSize: POOL_SIZE, logLevel: 'error' });
    await DBOS.launch();
  }

  async run(order: Order): Promise<Kind> {
    const workflow = await DBOS.startWorkflow(orderSaga)(order);
    return workflow.getResult();
  }

  async endings(): Promise<Endings> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    const { rows } = await client.query<Record<'completed' | 'compensated' | 'all', string>>(ENDINGS);
    await client.end();
    const [completed = 0, compensated = 0, all = 0] = rows.flatMap((row) => [row.completed, row.compensated, row.all].map(Number));
    return { completed, compensated, other: all - completed - compensated };
  }

  close(): Promise<void> {
    return DBOS.shutdown();
  }
}

drive(new Dbos());

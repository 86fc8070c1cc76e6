import type { Answer } from '../harness/protocol.js';

/** Answers the harness until it asks to close, or is gone. */
export function answering<Request extends { readonly ask: string }>(perform: (request: Request) => Promise<unknown>): void {
  process.once('disconnect', () => process.exit());
  process.on('message', (request: Request) => {
    void answer(() => perform(request)).then((reply) => {
      process.send?.(reply);
      if (request.ask === 'close') process.disconnect();
    });
  });
}

async function answer(perform: () => Promise<unknown>): Promise<Answer> {
  try {
    return { value: await perform() };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

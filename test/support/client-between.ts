import { ClientProxy } from '@nestjs/microservices';

/** A client that stands between a saga and another client: it sends commands by its own `send`, and nothing else. */
export abstract class ClientBetween extends ClientProxy {
  unwrap<T>(): T {
    throw new Error('the scrambler stands between');
  }

  protected publish(): () => void {
    throw new Error('commands are sent');
  }

  protected async dispatchEvent<T>(): Promise<T> {
    throw new Error('commands are sent');
  }
}

import { Injectable } from '@nestjs/common';
import { SHAKY_DESTINATION, UNREACHABLE_DESTINATION } from 'contracts';
import { StepRejected } from 'nestjs-sagas';

const FAILURES_OF_A_SHAKY_ROUTE = 2;

/** The carriers, who are outside: what they remember of a call is not rolled back with our transaction. */
@Injectable()
export class Carriers {
  private readonly failures = new Map<string, number>();

  /**
   * Finds somebody who goes there.
   *
   * @throws StepRejected NO_CARRIER
   * @throws Error where the carrier does not answer just now
   */
  find(parcel: string, destination: string): { carrier: string } {
    if (destination === UNREACHABLE_DESTINATION) throw new StepRejected('NO_CARRIER', `no carrier goes to ${destination}`);
    if (destination === SHAKY_DESTINATION) this.stumble(parcel);
    return { carrier: 'Post Coach' };
  }

  private stumble(parcel: string): void {
    const failures = (this.failures.get(parcel) ?? 0) + 1;
    if (failures > FAILURES_OF_A_SHAKY_ROUTE) return;
    this.failures.set(parcel, failures);
    throw new Error(`the carrier's office does not answer (${failures} of ${FAILURES_OF_A_SHAKY_ROUTE} times)`);
  }
}

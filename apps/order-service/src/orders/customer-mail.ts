import { Injectable, Logger } from '@nestjs/common';

export interface Approval {
  /** A real mail service drops the second mail under one key. */
  readonly idempotencyKey: string;
  readonly to: string;
  readonly orderId: string;
  readonly trackingIds: readonly string[];
}

/** Stands for a mail service. */
@Injectable()
export class CustomerMail {
  private readonly logger = new Logger(CustomerMail.name);

  async sendApproval({ to, orderId, trackingIds }: Approval): Promise<void> {
    this.logger.log(`to ${to}: order ${orderId} is on its way, tracking ids ${trackingIds.join(', ')}`);
  }
}

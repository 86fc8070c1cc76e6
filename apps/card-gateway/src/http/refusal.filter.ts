import { type ArgumentsHost, Catch, type ExceptionFilter, HttpStatus } from '@nestjs/common';
import type { Response } from 'express';

import { Refusal } from '../ledger/refusal.js';

/** A declined card is a 402, whatever else the ledger refuses a 409; both with a code for programs. */
@Catch(Refusal)
export class RefusalFilter implements ExceptionFilter<Refusal> {
  catch({ code, message }: Refusal, host: ArgumentsHost): void {
    const status = code === 'CARD_DECLINED' ? HttpStatus.PAYMENT_REQUIRED : HttpStatus.CONFLICT;
    host.switchToHttp().getResponse<Response>().status(status).json({ code, message });
  }
}

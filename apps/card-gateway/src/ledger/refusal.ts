/** The gateway will not do it, now or later. */
export class Refusal extends Error {
  constructor(
    readonly code: 'CARD_DECLINED' | 'UNKNOWN_AUTHORIZATION' | 'AUTHORIZATION_VOIDED' | 'ALREADY_CAPTURED' | 'KEY_REUSED',
    message: string,
  ) {
    super(message);
  }
}

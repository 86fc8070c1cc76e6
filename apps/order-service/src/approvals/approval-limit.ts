/** An order of more waits for a person. */
export class ApprovalLimit {
  constructor(readonly cents: number) {}
}

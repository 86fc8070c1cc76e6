/** The parcel is where the customer wants it. */
export class OrderDelivered {
  constructor(
    readonly orderId: string,
    readonly at: Date,
  ) {}
}

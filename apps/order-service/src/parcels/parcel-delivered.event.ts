/** The parcel is where the customer wants it. */
export class ParcelDelivered {
  constructor(
    readonly trackingId: string,
    readonly at: Date,
  ) {}
}

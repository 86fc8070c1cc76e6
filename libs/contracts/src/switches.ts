/**
 * What a shopper can type to see the shop's other endings. Plain data: the services treat these like any other sku, card or
 * destination; the catalogue, the card gateway and the carriers are what differs.
 */

/** In the catalogue with no stock: the order is refused with OUT_OF_STOCK. */
export const SOLD_OUT_SKU = 'GHOST-LAMP';

/** The gateway declines it: the order is refused with CARD_DECLINED. */
export const DECLINED_CARD = '4000-0000-0000-0002';

/**
 * The gateway books the authorization and then drops the connection, each time. Nobody in the shop knows whether money is
 * held, so the authorization is voided by the key under which it was asked for.
 */
export const LOST_ANSWER_CARD = '4000-0000-0000-0119';

/** No carrier goes there: the order is refused with NO_CARRIER. */
export const UNREACHABLE_DESTINATION = 'Atlantis';

/** The carrier fails twice for each parcel, and then takes it. */
export const SHAKY_DESTINATION = 'Shaky Bridge';

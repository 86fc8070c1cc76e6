// What the services of the shop share: the commands they send each other, and how they are configured.
export { openDatabase } from './database.js';
export { databaseUrl, environmentOf, port } from './environment.js';
export { INVENTORY, ReleaseStock, type Reservation, ReserveStock, SellStock } from './inventory.commands.js';
export { type Authorization, AuthorizePayment, type Capture, CapturePayment, PAYMENT, VoidAuthorization } from './payment.commands.js';
export { BookShipment, type Booking, CancelShipment, PrintLabel, SHIPPING, VoidLabel } from './shipping.commands.js';
export { brokerUrl, wayTo } from './transport.js';
export { DECLINED_CARD, LOST_ANSWER_CARD, SHAKY_DESTINATION, SOLD_OUT_SKU, UNREACHABLE_DESTINATION } from './switches.js';

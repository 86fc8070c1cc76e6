import { drive } from './drive.js';
import { OrderApplication } from './order-application.js';

drive(new OrderApplication());

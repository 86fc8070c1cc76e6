import { itIsReadBy } from './readers.js';

itIsReadBy('swc');

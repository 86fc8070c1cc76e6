import { itIsReadBy } from './readers.js';

itIsReadBy('oldest');

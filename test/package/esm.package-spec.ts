import { itIsReadBy } from './readers.js';

itIsReadBy('esm');

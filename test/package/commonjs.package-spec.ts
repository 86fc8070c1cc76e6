import { itIsReadBy } from './readers.js';

itIsReadBy('commonjs');

import { readSettings } from '../../support/serve-test.js';
import type { Settings } from './settings.js';

const settings = readSettings<Settings>();
if (settings.role === 'orchestrator') await (await import('./orchestrator.js')).run(settings);
else if (settings.role === 'participant') await (await import('./participant.js')).run(settings);
else await (await import('./gateway.js')).run(settings);

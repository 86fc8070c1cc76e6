import type { CommandReply } from '../../../libs/saga/src/participant/protocol.js';
import { ForkedProcess } from '../../support/forked-process.js';
import type { HeldReply, ParticipantSettings } from './settings.js';

/** A participant, as a process of its own. */
export class ParticipantProcess extends ForkedProcess {
  /** The first reply that it was to hold. */
  readonly held = new Promise<CommandReply>((resolve) => this.onNews<HeldReply>(({ held }) => resolve(held)));

  /** Resolves when it listens. */
  static async boot(settings: ParticipantSettings): Promise<ParticipantProcess> {
    const participant = new ParticipantProcess({ name: settings.name, module: new URL('main.ts', import.meta.url), settings });
    await participant.isReady();
    return participant;
  }
}

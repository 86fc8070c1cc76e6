import { ForkedProcess } from '../support/forked-process.js';
import type { NodeSettings, StartRequest } from './node/settings.js';

export interface NodeProcessSetup extends NodeSettings {
  /** Modules that are loaded before everything else. */
  readonly preloads?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A node that executes sagas, as a process of its own. */
export class NodeProcess extends ForkedProcess {
  /** Resolves when it executes sagas. */
  static async boot({ preloads, environment, ...settings }: NodeProcessSetup): Promise<NodeProcess> {
    const node = new NodeProcess({
      name: settings.name,
      module: new URL('node/main.ts', import.meta.url),
      settings,
      ...(preloads && { preloads }),
      ...(environment && { environment }),
    });
    await node.isReady();
    return node;
  }

  /** Starts a saga by its client. @returns the saga's id */
  async start(request: StartRequest): Promise<string> {
    return this.ask<string>(request);
  }
}

/** One process of a broker, and how it shows that it is ready. */
export interface Part {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly port: number;
  /** What is said to it on its port, and what it answers; a connection is enough where this is left out. */
  readonly greeting?: { readonly says: Buffer | string; readonly answer: RegExp };
}

/** Three free ports on 127.0.0.1; the first is the one that clients come to. */
export type BrokerPorts = readonly [number, number, number];

export interface Place {
  /** The broker's program. */
  readonly program: string;
  /** Its own; it is there and empty. */
  readonly folder: string;
  readonly ports: BrokerPorts;
}

/** How one kind of broker is run, apart from every other on the machine. */
export interface Recipe {
  /** As people write it. */
  readonly title: string;
  /** Where its program lies: a name that PATH finds, or a path. */
  readonly programs: readonly string[];
  readonly debianPackage: string;
  url(port: number): string;
  /** In the order in which they start. */
  parts(place: Place): readonly Part[];
}

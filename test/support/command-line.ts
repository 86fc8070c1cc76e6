/** A number as a command line gives it. */
export function whole(name: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`--${name} is ${value}; give a whole number from 1`);
  return Number(value);
}

/** Ends the process with its work; what is thrown is said in one line. */
export function runAsCommand(main: () => Promise<void>): void {
  main().then(
    () => process.exit(),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}

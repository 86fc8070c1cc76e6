/** What a forked process tells its test. */
export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly number: number; readonly answer?: unknown }
  | { readonly kind: 'failed'; readonly number: number; readonly message: string }
  | { readonly kind: 'news'; readonly news: unknown };

interface Asked<Question> {
  readonly number: number;
  readonly question: Question;
}

/** What the test told this process from the start. */
export const readSettings = <Settings>(): Settings => JSON.parse(process.env['NODE_SETTINGS'] ?? '') as Settings;

/** Says that this process is ready, and answers what its test asks. It does not outlive its test. */
export function serveTest<Question>(answer: (question: Question) => Promise<unknown>): void {
  process.on('disconnect', () => process.exit(1));
  process.on('message', ({ number, question }: Asked<Question>) => {
    answer(question).then(
      (value) => tell({ kind: 'answer', number, answer: value }),
      (error: unknown) => tell({ kind: 'failed', number, message: String(error) }),
    );
  });
  tell({ kind: 'ready' });
}

/** Unasked. */
export function tellTest(news: object): void {
  tell({ kind: 'news', news });
}

function tell(told: Told): void {
  process.send?.(told);
}

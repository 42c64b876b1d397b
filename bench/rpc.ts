/** Between a benchmark and its processes, over Node's IPC channel. */
export interface Question {
  readonly n: number;
  readonly kind: string;
  readonly argument: unknown;
}
export type Answer = { readonly n: number; readonly value: unknown } | { readonly n: number; readonly error: string };

/** In a benchmark's process: answers what the benchmark asks, and ends when the benchmark does. */
export function answerQuestions(handlers: Record<string, (argument: never) => unknown>): void {
  const send = (answer: Answer): void => {
    process.send?.(answer);
  };
  process.on('message', async ({ n, kind, argument }: Question) => {
    try {
      const handler = handlers[kind];
      if (handler === undefined) throw new Error(`Unknown question ${kind}.`);
      send({ n, value: await handler(argument as never) });
    } catch (error) {
      send({ n, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit(0));
}

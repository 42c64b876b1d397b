/** What a load message carries in its data: the checker's own identity of it, which the SDK and the gateways don't know. */
export interface Payload {
  /** The run: channels may be shared with others. */
  readonly run: string;
  /** Number of the message in the run. */
  readonly message: number;
  /** Number of the client that published it. */
  readonly publisher: number;
  /** Monotonic clock at the call of `publish`, ms. */
  readonly sentAt: number;
}

/** The data of a message of about `size` bytes of JSON. */
export function payload(content: Payload, size: number): Payload & { pad?: string } {
  const missing = size - JSON.stringify(content).length - ',"pad":""'.length;
  return missing > 0 ? { ...content, pad: 'x'.repeat(missing) } : content;
}

/** The content of a message of this run; `null` for anything else. */
export function readPayload(data: unknown, run: string): Payload | null {
  if (typeof data !== 'object' || data === null) return null;
  const { run: itsRun, message, publisher, sentAt } = data as Record<string, unknown>;
  if (itsRun !== run || typeof message !== 'number' || typeof publisher !== 'number' || typeof sentAt !== 'number') return null;
  return { run, message, publisher, sentAt };
}

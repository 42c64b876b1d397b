import type { ChannelListener, EphemeralEvent, StoredMessage } from '../../gateway/broker/broker.ts';

type Change = Parameters<ChannelListener['presence']>[0];

/** A channel's listener that keeps what it heard, and lets a test wait for it. */
export class RecordingListener implements ChannelListener {
  readonly messages: StoredMessage[] = [];
  readonly events: EphemeralEvent[] = [];
  readonly changes: Change[] = [];
  readonly #waiting = new Set<() => void>();

  message(message: StoredMessage): void {
    this.messages.push(message);
    this.#heard();
  }

  event(event: EphemeralEvent): void {
    this.events.push(event);
    this.#heard();
  }

  presence(change: Change): void {
    this.changes.push(change);
    this.#heard();
  }

  get ids(): string[] {
    return this.messages.map(({ id }) => id);
  }

  get offsets(): number[] {
    return this.messages.map(({ position }) => position.offset);
  }

  /** `join ann`, `leave ann` … */
  get whoCameAndWent(): string[] {
    return this.changes.map(({ kind, member }) => `${kind} ${member.member}`);
  }

  /** Resolves once `condition` holds, now or after something more was heard. */
  until(condition: (heard: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition(this)) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  #heard(): void {
    for (const check of this.#waiting) check();
  }
}

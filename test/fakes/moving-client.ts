import type { Migrate } from '../../protocol/messages.ts';
import { PlainClient } from './plain-client.ts';

/** A client that goes elsewhere when it is asked to, as the SDK does: it opens the new connection first. */
export class MovingClient {
  /** When it arrived elsewhere, `performance.now()`, and what it had been asked. */
  readonly moved: Promise<{ readonly at: number; readonly asked: Migrate }>;
  readonly #clients: PlainClient[];

  private constructor(client: PlainClient, elsewhere: string) {
    this.#clients = [client];
    this.moved = this.#move(client, elsewhere);
  }

  static async connect(url: string, elsewhere: string): Promise<MovingClient> {
    return new MovingClient(await PlainClient.connect(url, { features: ['migrate'] }), elsewhere);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #move(client: PlainClient, elsewhere: string) {
    const asked = await client.next('migrate');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * asked.delayMs));
    const at = performance.now();
    this.#clients.push(await PlainClient.connect(elsewhere, { features: ['migrate'], cause: 'migrate' }));
    await client.close();
    return { at, asked };
  }
}

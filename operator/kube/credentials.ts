import type { Configuration, Identity } from './configuration.ts';

/** An identity, and how often the configuration had been read when it was made. */
export interface KnownIdentity extends Identity {
  readonly reading: number;
}

/** How long certificates and tokens are used before they are looked at again, ms: files are rotated, plugins' tokens expire. */
const FRESH_MS = 30_000;
/** Between two readings of a configuration that the server refused, ms. */
const REREAD_MS = 5_000;

/**
 * The identity that a configuration gives, kept for a while: plugins and files aren't asked for each call, and several calls at once ask them once. When the
 * server refuses it, all is read anew.
 */
export class Credentials {
  readonly #read: () => Configuration;
  #configuration: Configuration;
  #readAt: number;
  #readings = 1;
  #identity: Promise<KnownIdentity> | null = null;
  #freshUntil = 0;

  /** `read` loads the configuration, again when the server refused it. Throws when it can't be read. */
  constructor(read: () => Configuration) {
    this.#read = read;
    this.#configuration = read();
    this.#readAt = performance.now();
  }

  /** Where the API server is. */
  get server(): URL {
    return this.#configuration.server;
  }

  /** The namespace of the context or the Pod, or "default". */
  get namespace(): string {
    return this.#configuration.namespace;
  }

  /** Rejects when the credentials can't be had, such as when a plugin fails. */
  current(): Promise<KnownIdentity> {
    if (this.#identity !== null && performance.now() < this.#freshUntil) return this.#identity;
    const reading = this.#readings;
    const identity = this.#configuration.identity().then((known) => ({ ...known, reading }));
    this.#identity = identity;
    this.#freshUntil = performance.now() + FRESH_MS;
    identity.catch(() => {
      if (this.#identity === identity) this.#identity = null;
    });
    return identity;
  }

  /** Whether there may be better ones than those that the server refused: reads all anew, if that was not done only just now. */
  refresh(refused: KnownIdentity): boolean {
    if (refused.reading < this.#readings) return true;
    if (performance.now() - this.#readAt < REREAD_MS) return false;
    this.#readAt = performance.now();
    try {
      this.#configuration = this.#read();
    } catch {
      // Written just now by somebody else, perhaps; the next refusal looks again.
      return false;
    }
    this.#readings += 1;
    this.#identity = null;
    return true;
  }
}

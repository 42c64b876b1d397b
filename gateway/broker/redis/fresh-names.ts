import { randomBytes } from 'node:crypto';

/** Names that nobody else gives: a random beginning (72 bits), and a count. Most are offered to a script that needs none, so they must cost little. */
export class FreshNames {
  readonly #beginning = randomBytes(9).toString('base64url');
  #count = 0;

  next(): string {
    return `${this.#beginning}${(this.#count++).toString(36)}`;
  }
}

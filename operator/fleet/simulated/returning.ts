/** Clients without a connection, who try to get one within some time. */
export class Returning {
  #batches: { count: number; readonly endsAt: number }[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** They try once each, spread from now until `endsAt`, ms. */
  add(count: number, endsAt: number): void {
    if (count <= 0) return;
    this.#count += count;
    const last = this.#batches.at(-1);
    if (last?.endsAt === endsAt) last.count += count;
    else this.#batches.push({ count, endsAt });
  }

  /** How many try in the step from `since` to `now`; they are no longer in here. */
  take(since: number, now: number): number {
    if (this.#count === 0) return 0;
    let tries = 0;
    let emptied = false;
    for (const batch of this.#batches) {
      const share = now >= batch.endsAt ? batch.count : Math.ceil((batch.count * (now - since)) / (batch.endsAt - since));
      batch.count -= share;
      tries += share;
      emptied ||= batch.count === 0;
    }
    if (emptied) this.#batches = this.#batches.filter((batch) => batch.count > 0);
    this.#count -= tries;
    return tries;
  }

  /** Up to `count` give up. Answers how many. */
  leave(count: number): number {
    let left = Math.min(count, this.#count);
    const gone = left;
    this.#count -= gone;
    for (const batch of this.#batches) {
      const share = Math.min(left, batch.count);
      batch.count -= share;
      left -= share;
    }
    this.#batches = this.#batches.filter((batch) => batch.count > 0);
    return gone;
  }
}

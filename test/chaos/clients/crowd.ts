import type { Position } from '../../../client/index.ts';
import type { Draw } from '../draw.ts';
import type { Gateway } from '../fleet/gateway.ts';
import type { Deed, LoadPlan, Person } from '../load/plan.ts';
import type { Recorder } from '../recorder.ts';
import { Figures } from './figures.ts';
import { Life } from './life.ts';
import { Network } from './network.ts';

/** How long the application waits before it tries a message again that was given up, ms. */
const RETRY_MS = 700;

/** Somebody of the plan, with a life now or between two. */
class Resident {
  readonly person: Person;
  readonly #network: Network;
  readonly #recorder: Recorder;
  readonly #figures: Figures;
  readonly #left = new Set<string>();
  readonly #published = new Map<string, Extract<Deed, { kind: 'publish' }>>();
  readonly #retried = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Ids of messages that were given up and are to be tried again: in the next life, when this one ends before. */
  readonly #toRetry = new Set<string>();
  #positions: ReadonlyMap<string, Position | null> = new Map();
  #life: Life | null = null;
  #lives = 0;

  constructor(person: Person, network: Network, recorder: Recorder, figures: Figures) {
    this.person = person;
    this.#network = network;
    this.#recorder = recorder;
    this.#figures = figures;
  }

  get life(): Life | null {
    return this.#life;
  }

  /** Messages that wait to be acknowledged, or to be tried again. */
  get unsettled(): number {
    return (this.#life?.unacknowledged ?? 0) + this.#toRetry.size;
  }

  begin(): void {
    if (this.#life !== null) return;
    const { person } = this;
    const options = {
      person,
      network: this.#network,
      recorder: this.#recorder,
      figures: this.#figures,
      gaveUp: (id: string) => this.#gaveUp(id),
    };
    this.#life = new Life(options, ++this.#lives, this.#positions);
    this.#life.start(this.#left);
    for (const id of this.#toRetry) this.#retryLater(id);
  }

  end(): void {
    const life = this.#life;
    if (life === null) return;
    this.#positions = life.positions;
    this.#life = null;
    life.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  do(deed: Deed): void {
    switch (deed.kind) {
      case 'publish':
        if (deed.retries > 0) this.#published.set(deed.id, deed);
        this.#life?.publish(deed.channel, deed.id, deed.bytes);
        break;
      case 'offline':
        this.#network.cut();
        this.#life?.endSilence();
        break;
      case 'online':
        this.#network.restore();
        this.#life?.beginSilence();
        break;
      case 'quit':
        this.end();
        break;
      case 'return':
        this.#figures.restarts++;
        this.begin();
        break;
      case 'leave':
        this.#left.add(deed.channel);
        this.#life?.leave(deed.channel);
        break;
      case 'join':
        this.#left.delete(deed.channel);
        this.#life?.join(deed.channel);
        break;
    }
  }

  /** It has a network and a life, and is in all its channels. */
  comeBack(): void {
    this.#network.restore();
    this.#left.clear();
    this.begin();
    for (const channel of this.person.channels) this.#life?.join(channel);
  }

  #gaveUp(id: string): void {
    const retried = this.#retried.get(id) ?? 0;
    if (retried >= (this.#published.get(id)?.retries ?? 0)) return;
    this.#retried.set(id, retried + 1);
    this.#toRetry.add(id);
    if (this.#life !== null) this.#retryLater(id);
  }

  #retryLater(id: string): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const message = this.#published.get(id);
      if (message === undefined || this.#life === null) return;
      this.#toRetry.delete(id);
      this.#figures.retries++;
      this.#life.publish(message.channel, id, message.bytes);
    }, RETRY_MS);
    this.#timers.add(timer);
  }
}

/** All persons of a run. */
export class Crowd {
  readonly figures = new Figures();
  readonly #residents: readonly Resident[];

  constructor({ persons }: LoadPlan, gateways: () => readonly Gateway[], draw: Draw, recorder: Recorder) {
    this.#residents = persons.map(
      (person) => new Resident(person, new Network(gateways, draw.part(`network ${person.name}`)), recorder, this.figures),
    );
  }

  /** All come. */
  begin(): void {
    for (const resident of this.#residents) resident.begin();
  }

  /** The person with this number does something. */
  do(person: number, deed: Deed): void {
    this.#residents[person]?.do(deed);
  }

  /** Whoever is away comes back. */
  comeBack(): void {
    for (const resident of this.#residents) resident.comeBack();
  }

  /** Messages whose outcome isn't known yet. */
  get unsettled(): number {
    return this.#residents.reduce((sum, { unsettled }) => sum + unsettled, 0);
  }

  /** Who is in which channel, and where; null: its stream has not started. */
  *places(): Generator<{ readonly client: string; readonly channel: string; readonly position: Position | null }> {
    for (const { life } of this.#residents) {
      if (life === null) continue;
      for (const { channel, position } of life.joined) yield { client: life.name, channel, position };
    }
  }

  end(): void {
    for (const resident of this.#residents) resident.end();
  }
}

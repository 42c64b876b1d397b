/** A series at one time. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A series over a time, its oldest value first. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** A rule as Prometheus has loaded it. */
export interface LoadedRule {
  readonly name: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
}

export interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

/** Asks a Prometheus by its HTTP API. Each rejects with what Prometheus says is wrong. */
export class Asking {
  readonly #url: string;

  /** `url`: `http://host:port`. */
  constructor(url: string) {
    this.#url = url;
  }

  /** Now. */
  async query(query: string): Promise<readonly Sample[]> {
    const { result } = await this.#get<{ result: { metric: Sample['labels']; value: [number, string] }[] }>('query', { query });
    return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  /** From a time (ms since 1970) until now, a value a second. */
  async range(query: string, from: number): Promise<readonly Series[]> {
    const times = { start: String(from / 1000), end: String(Date.now() / 1000), step: '1' };
    const { result } = await this.#get<{ result: { metric: Series['labels']; values: [number, string][] }[] }>('query_range', {
      query,
      ...times,
    });
    return result.map(({ metric, values }) => ({ labels: metric, values: values.map(([, value]) => Number(value)) }));
  }

  /** Of a label, in the series that a selector finds. */
  labelValues(label: string, selector: string): Promise<readonly string[]> {
    return this.#get(`label/${label}/values`, { 'match[]': selector });
  }

  async alerts(): Promise<readonly Alert[]> {
    return (await this.#get<{ alerts: Alert[] }>('alerts', {})).alerts;
  }

  async rules(): Promise<readonly LoadedRule[]> {
    return (await this.#get<{ groups: { rules: LoadedRule[] }[] }>('rules', {})).groups.flatMap(({ rules }) => rules);
  }

  /** What it scrapes, and how that went. */
  async targets(): Promise<readonly Target[]> {
    return (await this.#get<{ activeTargets: Target[] }>('targets', { state: 'active' })).activeTargets;
  }

  async #get<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const answer = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const body = (await answer.json()) as { readonly status: string; readonly error?: string; readonly data: T };
    if (body.status !== 'success') throw new Error(`${body.error}: ${path} ${JSON.stringify(parameters)}`);
    return body.data;
  }
}

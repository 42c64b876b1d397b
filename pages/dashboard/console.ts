import type { ClusterStatus } from '../../operator/status/status.ts';

/** What a person can do to a gateway. */
export type GatewayAction = 'drain' | 'kill' | 'uncordon';

/** The statuses of the last minutes, oldest first; empty when they can't be had. */
export async function readHistory(): Promise<readonly ClusterStatus[]> {
  try {
    const response = await fetch('/api/history');
    return response.ok ? ((await response.json()) as readonly ClusterStatus[]) : [];
  } catch {
    return [];
  }
}

/** How many simulated clients there are; `null` when that can't be had. */
export async function readClients(): Promise<number | null> {
  try {
    const response = await fetch('/api/clients');
    return response.ok ? ((await response.json()) as { readonly count: number }).count : null;
  } catch {
    return null;
  }
}

/** Tells every status, about one a second, and whether the stream is there; the browser opens it again by itself. */
export function watchStatus(status: (status: ClusterStatus) => void, live: (live: boolean) => void): void {
  const stream = new EventSource('/api/stream');
  stream.onopen = () => live(true);
  stream.onmessage = (event: MessageEvent<string>) => status(JSON.parse(event.data) as ClusterStatus);
  stream.onerror = () => {
    live(false);
    // After an answer that is no stream the browser gives up; the cluster may be starting.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => watchStatus(status, live), 2000);
  };
}

/** Resolves when it was done; rejects with the console's words. */
export function act(gateway: string, action: GatewayAction): Promise<void> {
  return post(`/api/gateways/${encodeURIComponent(gateway)}/${action}`);
}

/** Sets how many simulated clients there are. */
export function setClients(count: number): Promise<void> {
  return post('/api/clients', { count });
}

async function post(path: string, body: unknown = {}): Promise<void> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await reasonOf(response));
}

async function reasonOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // No JSON: the text is all there is.
  }
  return text.trim() || `The console answered ${response.status}.`;
}

import type { Action, GatewayPhase, GatewayView } from '../../../operator/fleet/fleet.ts';
import type { FleetHarness } from '../fleet.ts';

type Command = 'create' | 'cordon' | 'uncordon' | 'delete';

export const action = (kind: Command, gateway: string): Action => ({ kind, gateway, reason: 'test' });

export const drain = (gateway: string, ratePerSecond: number, timeoutMs = 600_000): Action => ({
  kind: 'drain',
  gateway,
  ratePerSecond,
  timeoutMs,
  reason: 'test',
});

export const shed = (gateway: string, count: number, ratePerSecond: number): Action => ({
  kind: 'shed',
  gateway,
  count,
  ratePerSecond,
  reason: 'test',
});

/** What the fleet shows of a gateway; `undefined` when it shows none of that name. */
export async function find({ fleet }: FleetHarness, gateway: string): Promise<GatewayView | undefined> {
  return (await fleet.list()).find(({ name }) => name === gateway);
}

/** What the fleet shows of a gateway that must be there. */
export async function view(harness: FleetHarness, gateway: string): Promise<GatewayView> {
  const found = await find(harness, gateway);
  if (found === undefined) throw new Error(`the fleet shows no ${gateway}`);
  return found;
}

/** Waits until a gateway is in this phase, or not shown any more. */
export function phase(harness: FleetHarness, gateway: string, want: GatewayPhase | 'gone'): Promise<void> {
  return harness.until(`${gateway} is ${want}`, async () => ((await find(harness, gateway))?.phase ?? 'gone') === want);
}

/** Gateways that are ready. */
export async function ready(harness: FleetHarness, ...gateways: readonly string[]): Promise<void> {
  for (const gateway of gateways) await harness.fleet.apply(action('create', gateway));
  for (const gateway of gateways) await phase(harness, gateway, 'ready');
}

/** Gateways that are ready. The first has so many clients, the others, which were cordoned meanwhile, none. */
export async function readyWith(harness: FleetHarness, count: number, gateway: string, ...others: readonly string[]): Promise<void> {
  const { fleet, clients } = harness;
  for (const other of others) {
    await fleet.apply(action('create', other));
    await fleet.apply(action('cordon', other));
  }
  await ready(harness, gateway, ...others);
  await clients.connect(count);
  for (const other of others) await fleet.apply(action('uncordon', other));
}

/** Waits until clients hold so many connections on a gateway. */
export function connections({ until, clients }: FleetHarness, gateway: string, want: number): Promise<void> {
  return until(`${gateway} has ${want} connections`, () => clients.on(gateway) === want);
}

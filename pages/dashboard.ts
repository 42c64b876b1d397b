import type { ClusterStatus } from '../operator/status/status.ts';
import { drawCharts } from './dashboard/charts.ts';
import { act, readClients, readHistory, setClients, watchStatus } from './dashboard/console.ts';
import { gatewayList } from './dashboard/gateways.ts';
import { actualGateways, Series, sampleOf } from './dashboard/series.ts';
import { conditionList, decisionList, drainList } from './dashboard/story.ts';
import { byId, setText } from './dom.ts';

const STEP = 100;
const NOTICE_MS = 4000;

const series = new Series();
const [history, clients] = await Promise.all([readHistory(), readClients()]);
for (const status of history) series.add(sampleOf(status));
const charts = drawCharts(series);
const gateways = gatewayList(byId('gateways', 'ul'), (gateway, action) => tell(act(gateway, action), `${verbs[action]} ${gateway}.`));
const drains = drainList(byId('drains', 'ul'));
const conditions = conditionList(byId('conditions', 'ul'));
const decisions = decisionList(byId('decisions', 'ol'));
const simulated = byId('simulated', 'input');
simulated.value = String(clients ?? 0);
const verbs = { drain: 'Draining', kill: 'Killed', uncordon: 'Took back' } as const;

watchStatus(show, (live) => {
  setText(byId('live', 'span'), live ? 'live' : 'waiting for the cluster …');
  byId('live-dot', 'span').dataset.state = live ? 'good' : 'bad';
});

byId('fewer', 'button').addEventListener('click', () => ask(simulated.valueAsNumber - STEP));
byId('more', 'button').addEventListener('click', () => ask(simulated.valueAsNumber + STEP));
byId('simulated-form', 'form').addEventListener('submit', (event) => {
  event.preventDefault();
  ask(simulated.valueAsNumber);
});

function show(status: ClusterStatus): void {
  const number = (value: number) => value.toLocaleString('en-US');
  setText(byId('cluster', 'span'), status.name);
  setText(byId('connections', 'span'), number(status.connections));
  setText(byId('capacity', 'span'), number(status.capacity));
  setText(byId('actual', 'span'), number(actualGateways(status)));
  setText(byId('desired', 'span'), status.desired === null ? '–' : number(status.desired));
  setText(byId('moved', 'span'), number(Math.round(status.movedPerSecond)));
  setText(byId('latency', 'span'), status.deliveryLatencyMs === null ? '–' : number(Math.round(status.deliveryLatencyMs * 10) / 10));
  gateways.show(status.gateways);
  drains.show(status.drains);
  conditions.show(status.conditions);
  decisions.show(status.decisions);
  byId('no-gateways', 'p').hidden = status.gateways.length > 0;
  byId('no-drains', 'p').hidden = status.drains.length > 0;
  byId('no-decisions', 'p').hidden = status.decisions.length > 0;
  series.add(sampleOf(status));
  charts.update();
}

function ask(count: number): void {
  const wanted = Math.min(Number(simulated.max), Math.max(0, Math.round(count) || 0));
  simulated.value = String(wanted);
  tell(setClients(wanted), `Going to ${wanted.toLocaleString('en-US')} simulated clients.`);
}

let hide: ReturnType<typeof setTimeout> | undefined;

/** Shows for a while how it ended. */
function tell(done: Promise<void>, text: string): void {
  const notice = byId('notice', 'div');
  const showNotice = (words: string) => {
    notice.textContent = words;
    notice.hidden = false;
    clearTimeout(hide);
    hide = setTimeout(() => {
      notice.hidden = true;
    }, NOTICE_MS);
  };
  done.then(
    () => showNotice(text),
    (error: unknown) => showNotice(error instanceof Error ? error.message : String(error)),
  );
}

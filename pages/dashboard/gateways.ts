import type { GatewayLine } from '../../operator/status/status.ts';
import { el, KeyedList, setText } from '../dom.ts';
import type { GatewayAction } from './console.ts';

/** The rows of the gateways; `act` is called when a button is pressed. */
export function gatewayList(parent: Element, act: (gateway: string, action: GatewayAction) => void): KeyedList<GatewayLine> {
  return new KeyedList(
    parent,
    ({ name }) => name,
    ({ name }) => gatewayRow(name, (action) => act(name, action)),
  );
}

function gatewayRow(name: string, act: (action: GatewayAction) => void) {
  const state = el('span', { class: 'state' });
  const detail = el('span', { class: 'detail' });
  const held = el('div', { class: 'held' });
  const moving = el('div', { class: 'moving' });
  const bar = el('div', { class: 'bar', role: 'meter', 'aria-label': `Connections of ${name}`, 'aria-valuemin': 0 }, held, moving);
  const count = el('span', { class: 'count' });
  const move = el('button', { type: 'button' });
  const kill = el('button', { type: 'button', class: 'danger', text: 'Kill', 'aria-label': `Kill ${name}` });
  const element = el(
    'li',
    { class: 'gateway', 'data-gateway': name },
    el('div', {}, el('span', { class: 'name', text: name }), ' ', state, el('div', {}, detail)),
    bar,
    count,
    el('div', { class: 'actions' }, move, kill),
  );
  let cordoned = false;
  move.addEventListener('click', () => act(cordoned ? 'uncordon' : 'drain'));
  kill.addEventListener('click', () => act('kill'));

  const update = (gateway: GatewayLine) => {
    const { connections, migrating, capacity } = gateway;
    cordoned = gateway.state === 'cordoned' || gateway.state === 'draining';
    element.dataset.state = gateway.state;
    setText(state, gateway.state);
    setText(detail, detailOf(gateway));
    held.style.width = share((connections ?? 0) - migrating, capacity);
    moving.style.width = share(migrating, capacity);
    bar.setAttribute('aria-valuemax', String(capacity));
    bar.setAttribute('aria-valuenow', String(connections ?? 0));
    setText(count, connections === null ? '–' : `${connections.toLocaleString('en-US')} / ${capacity.toLocaleString('en-US')}`);
    setText(move, cordoned ? 'Undo' : 'Drain');
    move.setAttribute('aria-label', cordoned ? `Take ${name} back into service` : `Drain ${name}`);
    move.disabled = !cordoned && gateway.state !== 'ready';
    kill.disabled = gateway.pid === null || gateway.state === 'dead';
  };
  return { element, update };
}

function detailOf({ pid, current, migrating }: GatewayLine): string {
  const parts = [pid === null ? null : `pid ${pid}`, current ? null : 'old settings', migrating > 0 ? `${migrating} moving` : null];
  return parts.filter((part) => part !== null).join(' · ');
}

const share = (part: number, whole: number) => `${whole > 0 ? Math.min(100, Math.max(0, (part / whole) * 100)) : 0}%`;

import type { Condition, Decision, DrainLine } from '../../operator/status/status.ts';
import { el, KeyedList, setText } from '../dom.ts';

/** The drains that go on: how far each is, how fast, and when it will be done. */
export function drainList(parent: Element): KeyedList<DrainLine> {
  return new KeyedList(
    parent,
    ({ gateway, startedAt }) => `${gateway} ${startedAt}`,
    ({ gateway }) => {
      const progress = el('span', { class: 'muted' });
      const done = el('div');
      const bar = el(
        'div',
        { class: 'bar thin', role: 'progressbar', 'aria-label': `Drain of ${gateway}`, 'aria-valuemin': 0, 'aria-valuemax': 100 },
        done,
      );
      const why = el('p', { class: 'why' });
      const element = el('li', { class: 'drain' }, el('div', { class: 'line' }, el('b', { text: gateway }), progress), bar, why);
      const update = (drain: DrainLine) => {
        const percent = drain.initial > 0 ? Math.min(100, Math.max(0, (1 - drain.remaining / drain.initial) * 100)) : 100;
        done.style.width = `${percent}%`;
        bar.setAttribute('aria-valuenow', String(Math.round(percent)));
        setText(progress, `${drain.remaining} of ${drain.initial} left · ${paceOf(drain)}`);
        setText(why, drain.reason);
      };
      return { element, update };
    },
  );
}

/** What holds of the cluster, worst colour where a person should look. */
export function conditionList(parent: Element): KeyedList<Condition> {
  return new KeyedList(
    parent,
    ({ type }) => type,
    ({ type }) => {
      const dot = el('span', { class: 'dot' });
      const message = el('span', { class: 'muted' });
      const state = el('span', { class: 'visually-hidden' });
      const element = el('li', { class: 'condition' }, dot, el('span', {}, el('b', { text: type }), ' ', state, ' ', message));
      const update = (condition: Condition) => {
        dot.dataset.state = moodOf(condition);
        setText(state, condition.status);
        setText(message, condition.message);
      };
      return { element, update };
    },
  );
}

/** The last decisions, newest first, each with its reasons. */
export function decisionList(parent: Element): KeyedList<Decision> {
  return new KeyedList(
    parent,
    ({ at, kind, summary }) => `${at} ${kind} ${summary}`,
    ({ at, summary, reasons }) => {
      const time = new Date(at);
      const when = el('time', { datetime: time.toISOString(), text: time.toLocaleTimeString([], { hour12: false }) });
      const more = reasons.filter((reason) => !summary.includes(reason));
      const element = el('li', { class: 'decision' }, when, el('span', { class: 'what', text: summary }));
      if (more.length > 0) element.append(el('span', { class: 'why', text: more.join('; ') }));
      return { element, update: () => {} };
    },
  );
}

function moodOf({ type, status }: Condition): 'good' | 'busy' | 'bad' | 'idle' {
  if (status === 'Unknown') return 'busy';
  const holds = status === 'True';
  if (type === 'Available' || type === 'ScalingActive') return holds ? 'good' : 'bad';
  if (!holds) return 'idle';
  return type === 'Degraded' ? 'bad' : 'busy';
}

function paceOf({ etaMs, ratePerSecond }: DrainLine): string {
  if (etaMs === null) return 'paused';
  const eta = etaMs < 1000 ? 'under 1 s' : `${Math.ceil(etaMs / 1000)} s`;
  return `${Math.round(ratePerSecond * 10) / 10}/s · ready in ${eta}`;
}

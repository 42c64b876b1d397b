import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CHART } from './helm.ts';

/** The chart's alerts, as promtool and Prometheus read them. */
export const RULES_FILE = join(CHART, 'files/rules.yaml');

export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: 'warning' | 'critical' };
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

export interface Panel {
  readonly id: number;
  readonly type: 'row' | 'stat' | 'timeseries';
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

export interface Dashboard {
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string | { readonly query: string } }[];
  };
  readonly panels: readonly Panel[];
}

/** One query of a panel. */
export interface Query {
  readonly title: string;
  readonly expr: string;
  readonly legend: string;
}

export const ruleFile = parse(readFileSync(RULES_FILE, 'utf8')) as RuleFile;
export const rules = ruleFile.groups.flatMap((group) => group.rules);
export const dashboard = JSON.parse(readFileSync(join(CHART, 'files/dashboard.json'), 'utf8')) as Dashboard;
export const queries: readonly Query[] = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legend: legendFormat })),
);

/** What is chosen of each variable of the dashboard. */
export type Chosen = Readonly<Record<string, readonly string[]>>;

/** A query as Grafana sends it, for a data source whose scrape interval this is, s. Throws when it names a variable that isn't there. */
export function asSent(expr: string, chosen: Chosen, scrapeSeconds: number): string {
  return expr.replace(/\$(\w+)/g, (_, name: string) => {
    // Four scrapes, unless the graph's own step is longer.
    if (name === '__rate_interval') return `${4 * scrapeSeconds}s`;
    const values = chosen[name];
    if (values === undefined) throw new Error(`there is no variable ${name}`);
    return values.length === 1 ? (values[0] ?? '') : `(${values.join('|')})`;
  });
}

/** What a rule measures: its expression without what it is compared with. Without these series the alert could never fire. */
export function measured(expr: string): readonly string[] {
  return expr
    .split(/ unless on \([\w, ]+\) /)
    .map((part) => part.replace(/^absent\((.*)\)$/, '$1').replace(/ (==|!=|>=|<=|>|<) [\d.]+/g, ''));
}

/** Names of labels that a legend (`{{name}}`) or an annotation (`{{ $labels.name }}`) shows. */
export function labelsIn(text: string): readonly string[] {
  return [...text.matchAll(/{{\s*(?:\$labels\.)?(\w+)[^}]*}}/g)].map(([, name = '']) => name);
}

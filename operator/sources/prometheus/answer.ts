/** What an answer to a query tells: a number, or why there is none. */
export type QueryResult = { readonly kind: 'value'; readonly value: number } | { readonly kind: 'none'; readonly why: string };

/** What is told of a text that is not ours, at most so long. */
const LONGEST = 160;
/** Told as warnings by some versions, though nothing is missing from the answer. */
const HARMLESS = /^PromQL info/;

/**
 * Reads what a server of Prometheus' HTTP API answered to an instant query. Only one finite number that is not too old is a value; whatever else it says is
 * none, and why. `now`: wall clock, ms.
 */
export function readAnswer(
  { status, body }: { readonly status: number; readonly body: string },
  { now, maxSampleAgeMs }: { readonly now: number; readonly maxSampleAgeMs: number },
): QueryResult {
  const answer = parsed(body);
  if (status !== 200 || answer?.status === 'error') return none(`Prometheus answered ${status}${said(answer, body)}`);
  if (answer === null || answer.status !== 'success' || !isObject(answer.data))
    return none(`Prometheus answered what is no result: ${cut(body)}`);
  const warning = [answer.warnings].flat().find((text): text is string => typeof text === 'string' && !HARMLESS.test(text));
  if (warning !== undefined) return none(`Prometheus warns that the answer may lack something: ${cut(warning)}`);
  const sample = sampleOf(answer.data);
  if (typeof sample === 'string') return none(sample);
  return numberOf(sample, now, maxSampleAgeMs);
}

function sampleOf({ resultType, result }: Readonly<Record<string, unknown>>): readonly unknown[] | string {
  if (resultType === 'scalar') return Array.isArray(result) ? result : 'Prometheus answered a scalar without a number';
  if (resultType === 'matrix') return 'the query answers a range of times; write one that answers a single number';
  if (resultType !== 'vector' || !Array.isArray(result)) return `the query answers no number but a ${cut(String(resultType))}`;
  if (result.length === 0) return 'the query answers no series';
  if (result.length > 1) return `the query answers ${result.length} series, and one is expected; sum them, or ask for the largest`;
  const only: unknown = result[0];
  if (!isObject(only)) return 'Prometheus answered a series without a number';
  if (Array.isArray(only.value)) return only.value;
  return only.histogram === undefined
    ? 'Prometheus answered a series without a number'
    : 'the query answers a histogram; write one that answers a number';
}

function numberOf([seconds, text]: readonly unknown[], now: number, maxSampleAgeMs: number): QueryResult {
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text.replace(/^([+-]?)Inf$/, '$1Infinity')) : Number.NaN;
  if (typeof seconds !== 'number') return none('Prometheus answered a number without its time');
  if (!Number.isFinite(value)) return none(`the query answers ${cut(String(text))}`);
  const age = now - seconds * 1000;
  if (age > maxSampleAgeMs) return none(`the answer is of ${Math.round(age / 1000)} s ago`);
  if (age < -maxSampleAgeMs) return none(`the answer is of a time ${Math.round(-age / 1000)} s ahead; compare the clocks`);
  return { kind: 'value', value };
}

function said(answer: Readonly<Record<string, unknown>> | null, body: string): string {
  const text = typeof answer?.error === 'string' ? answer.error : body;
  return text.trim() === '' ? '' : `: ${cut(text)}`;
}

function parsed(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cut(text: string): string {
  const line = text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function none(why: string): QueryResult {
  return { kind: 'none', why };
}

/** One of the five fields of a cron. */
export interface CronField {
  readonly name: string;
  readonly pattern: RegExp;
  /** What may stand there, as people say it. */
  readonly allowed: string;
  /** The largest number. */
  readonly most: number;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** A list of numbers, ranges and steps. Spelt out, with no flags, so that JavaScript and Go's RE2 read the same. */
function field(name: string, allowed: string, most: number, value: string, step: string): CronField {
  const part = `(\\*(/${step})?|${value}(-${value}(/${step})?)?)`;
  return { name, allowed, most, pattern: new RegExp(`^${part}(,${part})*$`) };
}

/** A number or a name in any capitals. */
const orName = (numbers: string, names: readonly string[]): string =>
  `(${[numbers, ...names.map((word) => [...word].map((letter) => `[${letter}${letter.toLowerCase()}]`).join(''))].join('|')})`;

/** In their order. */
export const CRON_FIELDS: readonly CronField[] = [
  field('minute', '0 to 59', 59, '[0-5]?[0-9]', '([1-9]|[1-5][0-9])'),
  field('hour', '0 to 23', 23, '([01]?[0-9]|2[0-3])', '([1-9]|1[0-9]|2[0-3])'),
  field('day of the month', '1 to 31', 31, '(0?[1-9]|[12][0-9]|3[01])', '([1-9]|[12][0-9]|3[01])'),
  field('month', '1 to 12 or JAN to DEC', 12, orName('0?[1-9]|1[0-2]', MONTHS), '([1-9]|1[0-2])'),
  field('day of the week', '0 to 7 (0 and 7 are Sunday) or SUN to SAT', 7, orName('[0-7]', WEEKDAYS), '[1-7]'),
];

const SPACE = ' +';

/** Five fields of a cron. What it can't see: a range that runs backwards, and a day that never comes. */
export const CRON_PATTERN = new RegExp(`^${CRON_FIELDS.map(({ pattern }) => pattern.source.slice(1, -1)).join(SPACE)}$`);
export const MAX_CRON_LENGTH = 100;

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Why a text has not the form of a cron, and what to write; `null` when it has. */
export function formProblem(text: string): string | null {
  if (text.startsWith('@')) {
    const written = NICKNAMES[text.toLowerCase()] ?? '0 9 * * 1-5';
    return `is short for a cron and not read here; write it out, such as "${written}"`;
  }
  const parts = text.split(/ +/).filter((part) => part !== '');
  if (parts.length === CRON_FIELDS.length + 1 && CRON_FIELDS.every(({ pattern }, i) => pattern.test(parts[i + 1] ?? ''))) {
    return `has 6 fields, the first of them for seconds; write five, such as "${parts.slice(1).join(' ')}"`;
  }
  if (parts.length !== CRON_FIELDS.length) {
    return `has ${parts.length} ${parts.length === 1 ? 'field' : 'fields'} and not 5: minute, hour, day of the month, month, day of the week; write such as "0 9 * * 1-5"`;
  }
  for (const [i, field] of CRON_FIELDS.entries()) {
    const part = parts[i] ?? '';
    if (!field.pattern.test(part)) return `can't be read: the ${field.name} "${part}" ${fieldProblem(part, field)}`;
  }
  if (text.length > MAX_CRON_LENGTH) return `is too long; shorten it to ${MAX_CRON_LENGTH} characters, or write two schedules`;
  return CRON_PATTERN.test(text) ? null : 'has more than spaces between and around its fields; write it as "0 9 * * 1-5"';
}

function fieldProblem(part: string, { allowed, most }: CronField): string {
  const start = /^([0-9]+)\/([0-9]+)$/.exec(part);
  if (start !== null) return `has a step without a range; write where it ends, such as "${start[1]}-${most}/${start[2]}"`;
  if (/[LW#?]/.test(part) && !/^[A-Za-z]{3}/.test(part))
    return `has one of "L", "W", "#" and "?", which are not read here (nor by Kubernetes' CronJob); write numbers, a range or "*"`;
  return `is not one of ${allowed}, a range "a-b", a step "*/n" or a list of such`;
}

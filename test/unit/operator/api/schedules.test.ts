import { describe, expect, it } from 'vitest';
import { parseChatCluster, parseResource } from '../../../../operator/api/parse.ts';
import { isZone, zoneNames } from '../../../../operator/scaling/schedules/zone.ts';

/** A ChatCluster with these lines in `spec.scaling`, and its schedules, each in braces. */
function cluster(schedules: readonly string[], scaling = ''): string {
  const lines = ['apiVersion: chatcluster.io/v1alpha1', 'kind: ChatCluster', 'metadata: {name: chat}', 'spec:', '  scaling:'];
  return [...lines, ...(scaling === '' ? [] : [`    ${scaling}`]), '    schedules:', ...schedules.map((each) => `      - {${each}}`)].join(
    '\n',
  );
}

/** The fields of a good schedule but for those that are given. */
function fields(changes: Readonly<Record<string, string | null>> = {}): string {
  const all = { name: 'office', schedule: '"0 9 * * 1-5"', timeZone: 'Europe/Berlin', duration: '9h', minReplicas: '5', ...changes };
  return Object.entries(all)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
}

/** The messages, without the place in the text and the path of the first schedule. */
function messages(text: string): readonly string[] {
  const parsed = parseChatCluster(text);
  return parsed.kind === 'invalid'
    ? parsed.errors.map(({ message }) => message.replace(/^\d+:\d+: spec\.scaling\.schedules\.0\.?/, ''))
    : [];
}

const cron = (text: string) => cluster([fields({ schedule: JSON.stringify(text) })]);
const zone = (text: string) => cluster([fields({ timeZone: JSON.stringify(text) })]);
const REMEDY = 'write minute, hour, day of the month, month and day of the week, such as "0 9 * * 1-5"';

describe('a schedule is refused with', () => {
  it.each<[string, string, string]>([
    ['no cron', cluster([fields({ schedule: null })]), `schedule: is missing; ${REMEDY}`],
    ['a number', cluster([fields({ schedule: '9' })]), `schedule: 9 is not text; ${REMEDY}`],
    [
      'seconds',
      cron('0 0 9 * * 1-5'),
      'schedule: "0 0 9 * * 1-5" has 6 fields, the first of them for seconds; write five, such as "0 9 * * 1-5"',
    ],
    [
      'four fields',
      cron('0 9 * *'),
      'schedule: "0 9 * *" has 4 fields and not 5: minute, hour, day of the month, month, day of the week; write such as "0 9 * * 1-5"',
    ],
    [
      'nothing in it',
      cron(''),
      'schedule: "" has 0 fields and not 5: minute, hour, day of the month, month, day of the week; write such as "0 9 * * 1-5"',
    ],
    ['a short form', cron('@daily'), 'schedule: "@daily" is short for a cron and not read here; write it out, such as "0 0 * * *"'],
    [
      'minute 60',
      cron('60 9 * * *'),
      `schedule: "60 9 * * *" can't be read: the minute "60" is not one of 0 to 59, a range "a-b", a step "*/n" or a list of such`,
    ],
    [
      'hour 24',
      cron('0 24 * * *'),
      `schedule: "0 24 * * *" can't be read: the hour "24" is not one of 0 to 23, a range "a-b", a step "*/n" or a list of such`,
    ],
    [
      'day 0',
      cron('0 9 0 * *'),
      `schedule: "0 9 0 * *" can't be read: the day of the month "0" is not one of 1 to 31, a range "a-b", a step "*/n" or a list of such`,
    ],
    [
      'month 13',
      cron('0 9 * 13 *'),
      `schedule: "0 9 * 13 *" can't be read: the month "13" is not one of 1 to 12 or JAN to DEC, a range "a-b", a step "*/n" or a list of such`,
    ],
    [
      'a long name of a day',
      cron('0 9 * * MONDAY'),
      `schedule: "0 9 * * MONDAY" can't be read: the day of the week "MONDAY" is not one of 0 to 7 (0 and 7 are Sunday) or SUN to SAT, a range "a-b", a step "*/n" or a list of such`,
    ],
    [
      '"L"',
      cron('0 9 L * *'),
      `schedule: "0 9 L * *" can't be read: the day of the month "L" has one of "L", "W", "#" and "?", which are not read here (nor by Kubernetes' CronJob); write numbers, a range or "*"`,
    ],
    [
      '"#"',
      cron('0 9 * * 1#2'),
      `schedule: "0 9 * * 1#2" can't be read: the day of the week "1#2" has one of "L", "W", "#" and "?", which are not read here (nor by Kubernetes' CronJob); write numbers, a range or "*"`,
    ],
    [
      'a step without a range',
      cron('5/10 9 * * *'),
      `schedule: "5/10 9 * * *" can't be read: the minute "5/10" has a step without a range; write where it ends, such as "5-59/10"`,
    ],
    [
      'a step without an end of hours',
      cron('0 8/4 * * *'),
      `schedule: "0 8/4 * * *" can't be read: the hour "8/4" has a step without a range; write where it ends, such as "8-23/4"`,
    ],
    [
      'a range that runs backwards',
      cron('0 22-2 * * *'),
      'schedule: "0 22-2 * * *" has a range that runs backwards; write the smaller first, or two ranges, such as "0-1,5-6" for "5-1"',
    ],
    ['31 February', cron('0 9 31 2 *'), 'schedule: "0 9 31 2 *" never comes: no month "2" has a day "31"; write another day'],
    [
      'a tab',
      cron('0\t9 * * *'),
      'schedule: "0\\t9 * * *" has 4 fields and not 5: minute, hour, day of the month, month, day of the week; write such as "0 9 * * 1-5"',
    ],
    ['no time zone', cluster([fields({ timeZone: null })]), 'timeZone: is missing; write the IANA name of one, such as "Europe/Berlin"'],
    [
      'a typing error in it',
      zone('Europe/Belin'),
      'timeZone: "Europe/Belin" is not a time zone that is known; did you mean "Europe/Berlin"?',
    ],
    ['a city alone', zone('Berlin'), 'timeZone: "Berlin" is not a time zone that is known; did you mean "Europe/Berlin"?'],
    ['small letters', zone('europe/berlin'), 'timeZone: "europe/berlin" is not a time zone that is known; did you mean "Europe/Berlin"?'],
    [
      'a newer name mistyped',
      zone('Asia/Kolkatta'),
      'timeZone: "Asia/Kolkatta" is not a time zone that is known; did you mean "Asia/Kolkata"?',
    ],
    [
      'a fancy',
      zone('Mars/Olympus_Mons'),
      'timeZone: "Mars/Olympus_Mons" is not a time zone that is known; write the IANA name of one, such as "Europe/Berlin"',
    ],
    [
      'an offset',
      zone('UTC+2'),
      'timeZone: "UTC+2" is an offset, which knows no daylight saving; write the IANA name of a time zone, such as "Europe/Berlin"',
    ],
    ['no duration', cluster([fields({ duration: null })]), 'duration: is missing; write one, such as "9h"'],
    [
      'a duration without a unit',
      cluster([fields({ duration: '60' })]),
      'duration: 60 is not a duration from 1m to 744h; write it with its unit, such as "1m" for 60 seconds',
    ],
    [
      'a day that runs into itself',
      cluster([fields({ schedule: '"0 9 * * *"', duration: '25h' })]),
      'duration: "25h" is longer than the 24h from one start of "0 9 * * *" to the next, so it would run into itself; shorten it to at most "24h", or let it begin less often',
    ],
    [
      'hours that run into each other',
      cluster([fields({ schedule: '"0 9,13 * * *"', duration: '5h' })]),
      'duration: "5h" is longer than the 4h from one start of "0 9,13 * * *" to the next, so it would run into itself; shorten it to at most "4h", or let it begin less often',
    ],
    [
      'a night that runs into the next evening',
      cluster([fields({ schedule: '"0 8,20 * * *"', duration: '13h' })]),
      'duration: "13h" is longer than the 12h from one start of "0 8,20 * * *" to the next, so it would run into itself; shorten it to at most "12h", or let it begin less often',
    ],
    [
      'months that run into the next',
      cluster([fields({ schedule: '"0 0 1 * *"', duration: '700h' })]),
      'duration: "700h" is longer than the 672h from one start of "0 0 1 * *" to the next, so it would run into itself; shorten it to at most "672h", or let it begin less often',
    ],
    [
      'neither limit',
      cluster([fields({ minReplicas: null })]),
      'has neither minReplicas nor maxReplicas, so it would change nothing; write one of them',
    ],
    [
      'a minimum above its maximum',
      cluster([fields({ maxReplicas: '4' })]),
      "minReplicas: 5 is above the schedule's own maxReplicas 4; lower minReplicas or raise maxReplicas",
    ],
    [
      'no gateway',
      cluster([fields({ minReplicas: '0' })]),
      'minReplicas: 0 is not a whole number from 1 to 10000; write one, or leave it out: spec.scaling.minReplicas is not changed then',
    ],
    ['no name', cluster([fields({ name: null })]), 'name: is missing; write small letters, digits and dashes, such as "office"'],
    [
      'a typing error in a field',
      cluster([`${fields()}, timezone: UTC`]),
      'timezone: unknown field (its value is "UTC"); did you mean timeZone?',
    ],
    ['an unknown field', cluster([`${fields()}, minReplica: 3`]), 'minReplica: unknown field (its value is 3); did you mean minReplicas?'],
  ])('%s', (_what, text, message) => {
    expect(messages(text).map((each) => each.replace(/^: /, ''))).toEqual([message]);
  });

  it.each<[string, string, string]>([
    [
      'the name of another',
      cluster([fields(), fields({ minReplicas: '6' })]),
      '8:10: spec.scaling.schedules.1.name: "office" is the name of another schedule already; give this one another',
    ],
    [
      'a minimum above the most outside of it',
      cluster([fields({ minReplicas: '11' })]),
      '6:5: spec.scaling.schedules: schedule "office" has minReplicas 11, above spec.scaling.maxReplicas 10; give it a maxReplicas of at least 11, or lower it to 10',
    ],
    [
      'a maximum below the least outside of it',
      cluster([fields({ minReplicas: null, maxReplicas: '1' })]),
      '6:5: spec.scaling.schedules: schedule "office" has maxReplicas 1, below spec.scaling.minReplicas 2; give it a minReplicas of at most 1, or raise it to 2',
    ],
    [
      'a maximum that the standby takes',
      cluster([fields({ minReplicas: '3', maxReplicas: '3' })], 'standby: {gateways: 3}'),
      '7:5: spec.scaling.schedules: schedule "office" has maxReplicas 3, of which spec.scaling.standby.gateways 3 leave none for the load; raise it to at least 4',
    ],
    [
      'what is no list',
      cluster([]).replace('schedules:', 'schedules: 3'),
      '6:5: spec.scaling.schedules: 3 is not a list; begin each schedule with a dash',
    ],
  ])('%s', (_what, text, message) => {
    const parsed = parseChatCluster(text);
    expect(parsed.kind === 'invalid' && parsed.errors.map((error) => error.message)).toEqual([message]);
  });

  it('all errors at once, each at its place, those elsewhere too', () => {
    const text = cluster([fields({ timeZone: 'Berlin' }), fields({ name: 'night', schedule: '"0 9 31 2 *"' })], 'minReplicas: 12');
    const parsed = parseChatCluster(text);
    expect(parsed.kind === 'invalid' && parsed.errors.map(({ path, line }) => [path, line])).toEqual([
      ['spec.scaling.minReplicas', 6],
      ['spec.scaling.schedules.0.timeZone', 8],
      ['spec.scaling.schedules.1.schedule', 9],
    ]);
  });
});

describe('a schedule is read', () => {
  it.each<[string, string]>([
    ['on weekdays', '0 9 * * 1-5'],
    ['by names in any capitals', '0 9 * jan,Feb MON-fri'],
    ['with steps and lists', '*/15 8-18/2,22 1,15-20 * *'],
    ['on a leap day', '0 9 29 2 *'],
    ['with more spaces', '0  9 * *   1-5'],
    ['at every minute', '* * * * *'],
  ])('%s', (_what, text) => {
    const parsed = parseChatCluster(cluster([fields({ schedule: `"${text}"`, duration: '1m' })]));
    expect(parsed).toMatchObject({ kind: 'ok', cluster: { spec: { scaling: { schedules: [{ cron: text, durationMs: 60_000 }] } } } });
  });

  it.each<[string, string, string]>([
    ['as long as the gap', '0 9 * * *', '24h'],
    ['a weekend', '0 0 * * SAT', '48h'],
    ['a week', '0 0 * * 1', '168h'],
    ['February', '0 0 1 2 *', '672h'],
  ])('that lasts %s', (_what, text, duration) => {
    expect(parseChatCluster(cluster([fields({ schedule: `"${text}"`, duration })])).kind).toBe('ok');
  });

  it.each(['UTC', 'Etc/UTC', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'America/Port-au-Prince'])('in %s', (name) => {
    expect(parseChatCluster(zone(name)).kind).toBe('ok');
  });

  it('in every zone that is known', () => {
    expect(zoneNames().filter((name) => !isZone(name))).toEqual([]);
  });

  it('with null for what isn’t set', () => {
    const parsed = parseResource({
      apiVersion: 'chatcluster.io/v1alpha1',
      kind: 'ChatCluster',
      metadata: { name: 'chat' },
      spec: {
        scaling: { schedules: [{ name: 'a', schedule: '0 9 * * *', timeZone: 'UTC', duration: '1h', minReplicas: 3, maxReplicas: null }] },
      },
    });
    expect(parsed.kind === 'ok' && parsed.cluster.spec.scaling.schedules).toEqual([
      { name: 'a', cron: '0 9 * * *', timeZone: 'UTC', durationMs: 3_600_000, minReplicas: 3, maxReplicas: null },
    ]);
  });
});

/** All that a gateway runs on one server, with durability: acknowledged. */
export const COMMANDS = [
  'info',
  'time',
  'ping',
  'script|load',
  'evalsha',
  'hget',
  'hmget',
  'hgetall',
  'hset',
  'hdel',
  'pexpire',
  'spublish',
  'ssubscribe',
  'sunsubscribe',
] as const;

/** Keys and channels under the prefix of the tests' keys. */
export const PATTERNS = ['resetkeys', 'resetchannels', '~test-*', '&test-*'] as const;

/** ACL rules of a user whose password is `secret`. */
export const rights = (patterns: readonly string[], commands: readonly string[]): readonly string[] => [
  'on',
  '>secret',
  ...patterns,
  '-@all',
  ...commands.map((command) => `+${command}`),
];

/** How a user with the least rights, and these more, is named in a server's ACL file, and how it gets in. */
export const leastUser = (...more: readonly string[]) => ({
  line: `least ${rights(PATTERNS, [...COMMANDS, ...more]).join(' ')}`,
  access: { username: 'least', password: 'secret' },
});

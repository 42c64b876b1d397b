import { ReplyError } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { type Failure, failureOf } from '../../../../../gateway/broker/redis/failure.ts';

const reply = (message: string) => new ReplyError(message);

describe('what a server says', () => {
  // The server's word / kind / retried / the line for people
  const table: readonly (readonly [said: string, kind: Failure['kind'], retry: boolean, text: RegExp])[] = [
    ['NOSCRIPT No matching script. Please use EVAL.', 'no-script', true, /lost the scripts/],
    ['MOVED 3999 127.0.0.1:6381', 'moved', true, /has moved to another node/],
    ['ASK 3999 127.0.0.1:6381', 'ask', true, /is being moved/],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'moved', true, /is being moved/],
    ['CLUSTERDOWN The cluster is down', 'cluster-down', true, /^The Cluster is down: CLUSTERDOWN/],
    ['CLUSTERDOWN Hash slot not served', 'cluster-down', true, /Hash slot not served/],
    [
      'ERR Script attempted to access a non local key in a cluster node script: x, on @user_script:1.',
      'cluster-down',
      true,
      /non local key/,
    ],
    ['LOADING Redis is loading the dataset in memory', 'loading', true, /^It is not ready yet: LOADING/],
    [
      'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
      'loading',
      true,
      /^It is not ready yet: BUSY/,
    ],
    ["READONLY You can't write against a read only replica.", 'read-only', true, /read-only replica/],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'read-only', true, /read-only replica/],
    [
      "OOM command not allowed when used memory > 'maxmemory'.",
      'out-of-memory',
      true,
      /raise its maxmemory, or keep less history \(spec\.history\)/,
    ],
    ["ERR OOM command not allowed when used memory > 'maxmemory'. script: abc, on @user_script:9.", 'out-of-memory', true, /maxmemory/],
    ['NOREPLICAS Not enough good replicas to write.', 'replicas', true, /min-replicas-to-write/],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'password', false, /user name or password/],
    ['NOAUTH Authentication required.', 'password', false, /user name or password/],
    ['NOAUTH HELLO must be called with the client already authenticated, otherwise …', 'password', false, /user name or password/],
    ['ERR invalid password', 'password', false, /correct them/],
    ['ERR AUTH <password> called without any password configured for the default user. Are you sure?', 'password', false, /correct them/],
    [
      "NOPERM this user has no permissions to run the 'evalsha' command",
      'permission',
      false,
      /lacks a right; docs\/operations\.md .*'evalsha'/,
    ],
    ['NOPERM this user has no permissions to access one of the keys used as arguments', 'permission', false, /keys used as arguments/],
    ['ERR DB index is out of range', 'other', false, /no such logical database: correct the number/],
    ['ERR SELECT is not allowed in cluster mode', 'other', false, /a Cluster has only 0/],
    ['MISCONF Redis is configured to save RDB snapshots, but …', 'other', true, /can't save its data/],
    ['ERR value is not an integer or out of range', 'other', false, /^It answered: ERR value/],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'other', false, /^It answered: WRONGTYPE/],
  ];
  it.each(table)('%s', (said, kind, retry, text) => {
    expect(failureOf(reply(said))).toMatchObject({ kind, retry, text: expect.stringMatching(text) });
  });

  it.each([
    ['MOVED 3999 127.0.0.1:6381', '127.0.0.1:6381'],
    ['ASK 3999 redis-0.example:6381', 'redis-0.example:6381'],
    ['MOVED 3999 fe80::1:6381', 'fe80::1:6381'],
  ])('%s names the node', (said, address) => expect(failureOf(reply(said)).address).toBe(address));

  it.each(['CLUSTERDOWN The cluster is down', 'TRYAGAIN x'])('%s names no node', (said) => {
    expect('address' in failureOf(reply(said))).toBe(false);
  });
});

describe('a connection that fails', () => {
  const system = (code: string, message: string) => Object.assign(new Error(message), { code });
  // The error / kind / the line for people
  const table: readonly (readonly [error: unknown, kind: Failure['kind'], text: string])[] = [
    [system('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), 'connection', 'Nothing listens there: start it, or correct the URL.'],
    [system('ENOTFOUND', 'getaddrinfo ENOTFOUND r'), 'connection', 'Its name is not known: correct the URL.'],
    [system('EAI_AGAIN', 'getaddrinfo EAI_AGAIN r'), 'connection', 'Its name is not known: correct the URL.'],
    [
      system('ETIMEDOUT', 'connect ETIMEDOUT'),
      'connection',
      'It does not answer: is it running, may it be reached from here, and does it speak TLS, or not, as the URL says?',
    ],
    [
      system('ECONNRESET', 'read ECONNRESET'),
      'connection',
      'It broke off the connection; one that never answers may want TLS (rediss://).',
    ],
    [system('EPIPE', 'write EPIPE'), 'connection', 'It broke off the connection; one that never answers may want TLS (rediss://).'],
    [
      system('ERR_SSL_WRONG_VERSION_NUMBER', '80:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number'),
      'connection',
      'It does not speak TLS: let the URL begin with "redis" instead of "rediss".',
    ],
    [
      system('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate; if the root CA is installed locally, try …'),
      'connection',
      'Its certificate is refused (self-signed certificate): is its authority in CHATCLUSTER_REDIS_CA_FILE, and its name in the URL?',
    ],
    [
      system('ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames: IP: 10.0.0.1 is not in the cert's list: "),
      'connection',
      "Its certificate is refused (Hostname/IP does not match certificate's altnames: IP: 10.0.0.1 is not in the cert's list: ): is its authority in CHATCLUSTER_REDIS_CA_FILE, and its name in the URL?",
    ],
    [
      new Error('All sentinels are unreachable. Retrying from scratch after 12ms. Last error: connect ECONNREFUSED 127.0.0.1:1'),
      'connection',
      'No Sentinel names the primary (connect ECONNREFUSED 127.0.0.1:1): are their addresses and its name right?',
    ],
    [
      new Error(
        "All sentinels are unreachable. Retrying from scratch after 12ms. Last error: ERR unknown command 'sentinel', with args beginning with: 'x' ",
      ),
      'connection',
      "No Sentinel names the primary (ERR unknown command 'sentinel'): are their addresses and its name right?",
    ],
    [
      new Error('All sentinels are unreachable. Retrying from scratch after 12ms.'),
      'connection',
      'No Sentinel names the primary (none of them knows it): are their addresses and its name right?',
    ],
    [
      new Error('Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.'),
      'connection',
      'The connection was closed.',
    ],
    [new Error("Stream isn't writeable and enableOfflineQueue options is false"), 'connection', 'The connection was closed.'],
    [new Error('Connection is closed.'), 'connection', 'The connection was closed.'],
    [new Error('Command aborted due to connection close'), 'connection', 'The connection was closed.'],
    [
      new Error("Socket timeout. Expecting data, but didn't receive any in 4000ms."),
      'timeout',
      'It said nothing for 4000 ms: is it overloaded, or out of reach?',
    ],
    [new Error(''), 'connection', 'Error'],
    ['gone', 'connection', 'gone'],
  ];
  it.each(table)('%s', (error, kind, text) => expect(failureOf(error)).toEqual({ kind, retry: true, text }));

  it('of the Sentinels, for good, when they refuse the password', () => {
    const said = 'All sentinels are unreachable. Retrying from scratch after 12ms. Last error: WRONGPASS invalid username-password pair';
    expect(failureOf(new Error(said))).toMatchObject({
      kind: 'password',
      retry: false,
      text: expect.stringMatching(/^Its Sentinels refuse/),
    });
  });

  it('is never mistaken for a word of the server', () => {
    expect(failureOf(new Error('WRONGPASS'))).toMatchObject({ kind: 'connection', retry: true });
  });
});

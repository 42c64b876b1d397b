import { readFile } from 'node:fs/promises';
import { GATEWAY_ENV } from '../protocol/gateway-env.ts';
import { FIELD_LIMITS } from '../protocol/parse.ts';
import type { Authenticate } from './session/context.ts';

const LEAST_SECRET_BYTES = 32;
/** Clocks may differ by so much, seconds. */
const CLOCK_TOLERANCE = 5;

const OPEN = { kind: 'ok' } as const;
/** Lets everybody in; answers at once. */
export const letEverybodyIn: Authenticate = () => OPEN;

/**
 * How clients prove who they are: not at all when `secretFile` is empty, else by a JWT signed with its bytes (HS256; a line end after them doesn't count).
 * `exp` and `nbf` are honoured; a claim `name` is the name that others see. Rejects with one line for people when the file can't be used.
 */
export async function openAuthentication(secretFile: string): Promise<Authenticate> {
  if (secretFile === '') return letEverybodyIn;
  const secret = await readSecret(secretFile);
  const { jwtVerify, errors } = await import('jose');
  return async (token) => {
    if (token === undefined) return { kind: 'refused', message: 'A token is needed; give one in connect.' };
    try {
      const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'], clockTolerance: CLOCK_TOLERANCE });
      const { name } = payload;
      return typeof name === 'string' && name !== '' ? { kind: 'ok', name: name.slice(0, FIELD_LIMITS.name) } : OPEN;
    } catch (error) {
      const why = error instanceof errors.JWTExpired ? 'has expired' : 'is not valid';
      return { kind: 'refused', message: `The token ${why}; get a new one, then connect.` };
    }
  };
}

async function readSecret(file: string): Promise<Uint8Array> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new Error(
      `${GATEWAY_ENV.jwtSecretFile} is "${file}", which can't be read (${(error as NodeJS.ErrnoException).code}); give a file that can.`,
    );
  }
  const secret = Buffer.from(bytes.toString('latin1').replace(/\r?\n$/, ''), 'latin1');
  if (secret.length < LEAST_SECRET_BYTES) {
    throw new Error(
      `${GATEWAY_ENV.jwtSecretFile} "${file}" has ${secret.length} bytes, too few to be safe; make it with: openssl rand -base64 48 > ${file}`,
    );
  }
  return secret;
}

const TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** The WebSocket ping frame without a payload, as a server sends it. */
export const PING_FRAME = Buffer.from([0x89, 0x00]);

/**
 * One unmasked WebSocket text frame, made once and then written to any number of sockets. A frame that is kept needs memory
 * of its own (`Buffer.allocUnsafeSlow`): from the pool it would keep a whole slab of it alive.
 */
export function frameText(text: string, allocate: (bytes: number) => Buffer = Buffer.allocUnsafe): Buffer {
  const bytes = Buffer.byteLength(text);
  const header = bytes < LENGTH_16 ? 2 : bytes < 0x10000 ? 4 : 10;
  const frame = allocate(header + bytes);
  frame[0] = TEXT;
  if (header === 2) {
    frame[1] = bytes;
  } else if (header === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(bytes, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(bytes), 2);
  }
  frame.write(text, header);
  return frame;
}

/** The text's bytes in a frame that `frameText` made. */
export function payloadOf(frame: Buffer): Buffer {
  const length = frame[1];
  return frame.subarray(length === LENGTH_16 ? 4 : length === LENGTH_64 ? 10 : 2);
}

// What an authenticator shows (RFC 6238: SHA-1, 6 digits, 30 seconds).

import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const stepNow = () => Math.floor(Date.now() / 30_000);

/** The code of a secret in base32, at a step of 30 seconds. */
export function codeAt(secret, step) {
  const digit = (one) => ALPHABET.indexOf(one).toString(2).padStart(5, '0');
  const bits = [...secret].map(digit).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

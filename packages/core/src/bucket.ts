import { createHash } from 'node:crypto';

/**
 * The canary bucket of a key, 0 to 99. Frozen: two parties that disagree about it would both think they may write.
 * First four bytes of SHA-256 of the key's text, big endian, modulo 100.
 */
export function bucket(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) % 100;
}

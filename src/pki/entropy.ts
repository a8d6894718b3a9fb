/** The only file of this room that makes anything random: keys and serial numbers. A test may pass its own. */
import {generateKeyPair, type KeyObject, randomBytes} from 'node:crypto';
import {promisify} from 'node:util';
import type {KeyAlgorithm} from './profile.ts';

/** A fresh key pair. */
export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Where randomness comes from. */
export interface Entropy {
  keyPair(algorithm: KeyAlgorithm): Promise<KeyPair>;
  /** 16 bytes, big-endian, read as a positive number. */
  serial(): Buffer;
}

const RSA_BITS = 3072;

/** The operating system's randomness, through node:crypto; keys are made off the main thread. */
export const systemEntropy: Entropy = {
  keyPair(algorithm) {
    const generate = promisify(generateKeyPair);
    return algorithm === 'ec' ? generate('ec', {namedCurve: 'P-256'}) : generate('rsa', {modulusLength: RSA_BITS});
  },
  serial() {
    const bytes = randomBytes(16);
    // A first byte of zero would make the number shorter than 120 bits.
    bytes[0] = (bytes[0] ?? 0) | 0x01;
    return bytes;
  },
};

/** A CA and requests that the pki tests share. */

import type {Result} from '../../src/base/result.ts';
import {type Ca, loadCa} from '../../src/pki/ca.ts';
import {type Issued, issueCa} from '../../src/pki/issue.ts';
import type {CertificateRequest, KeyAlgorithm} from '../../src/pki/profile.ts';

/** 2026-03-01T12:00:00Z. */
export const NOW = Date.UTC(2026, 2, 1, 12);

/** The value of a result that must be a success. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.map(({code, message}) => `${code} ${message}`).join('\n'));
  return result.value;
}

/** The codes of a result that must be a failure. */
export function codesOf(result: Result<unknown>): string[] {
  return result.ok ? [] : result.error.map(({code}) => code);
}

/** A server and client certificate of a member. */
export function request(more: Partial<CertificateRequest> = {}): CertificateRequest {
  return {
    name: 'etcd-1/server',
    commonName: 'etcd-1',
    dnsNames: ['etcd-1', 'localhost'],
    ipAddresses: ['10.0.0.1', '127.0.0.1', '::1', 'fd00::a:1'],
    usages: ['serverAuth', 'clientAuth'],
    validityDays: 397,
    keyAlgorithm: 'ec',
    ...more,
  };
}

/** A fresh CA and its files. */
export async function makeCa(
  more: {keyAlgorithm?: KeyAlgorithm; validityDays?: number; nowMs?: number; commonName?: string} = {},
): Promise<{files: Issued; ca: Ca}> {
  const files = unwrap(
    await issueCa({commonName: 'etcd ca', validityDays: 3650, keyAlgorithm: 'ec', nowMs: NOW, ...more}),
  );
  return {files, ca: unwrap(loadCa(files.certificatePem, files.privateKeyPem, more.nowMs ?? NOW))};
}

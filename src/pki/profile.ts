/** What certificates we issue: the request, the limits, the constants of X.509 that more than one file needs. */

/** Ten minutes: a certificate is valid from this long before it is made, because clocks of hosts differ. */
export const BACKDATE_MS = 10 * 60_000;

/** Milliseconds in a day. */
export const DAY_MS = 86_400_000;

/** A hundred years: longer lifetimes are refused as a slip of the keyboard. */
export const MAX_VALIDITY_DAYS = 36_525;

/** `ec` = P-256 signed with SHA-256 (default), `rsa` = 3072 bits. etcd (Go) takes both for everything. */
export type KeyAlgorithm = 'ec' | 'rsa';

/** What a certificate may be used for. */
export type Usage = 'serverAuth' | 'clientAuth';

/** A certificate to sign. */
export interface CertificateRequest {
  /** File name without suffix below the PKI directory; may hold `/`. */
  readonly name: string;
  readonly commonName: string;
  readonly organization?: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly usages: readonly Usage[];
  readonly validityDays: number;
  readonly keyAlgorithm: KeyAlgorithm;
}

/** A certificate authority to make. `nowMs` = milliseconds since the epoch. */
export interface CaRequest {
  readonly commonName: string;
  readonly validityDays: number;
  readonly keyAlgorithm: KeyAlgorithm;
  readonly nowMs: number;
}

/** RFC 5280 4.2.1.12: object identifiers of the extended key usages, by the names people use. */
export const USAGE_OIDS: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
  any: '2.5.29.37.0',
};

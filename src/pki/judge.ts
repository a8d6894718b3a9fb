/** Whether a certificate must be made anew, and why: state is kept until there is a reason, and the reason is shown. */
import type {Cause} from '../base/event.ts';
import {canonicalIp} from './ip.ts';
import {type CertificateRequest, DAY_MS} from './profile.ts';
import type {CertificateFacts} from './read.ts';

/** Why a certificate is issued (again): in words, and for programs. */
export interface Reissue {
  readonly reason: string;
  readonly causes: readonly Cause[];
}

/**
 * Why to issue a certificate (again), or undefined where the one that exists will do. Names, addresses and usages
 * beyond the wanted ones are no reason, nor is another key algorithm: the next renewal brings it.
 *
 * A certificate is renewed `renewBeforeDays` before its end, but never in the first two thirds of the lifetime asked for, and
 * not where it already lasts as long as its CA (`caNotAfterMs`): a new one could not last longer.
 */
export function reissue(
  wanted: CertificateRequest,
  fact: CertificateFacts,
  nowMs: number,
  renewBeforeDays: number,
  caNotAfterMs?: number,
): Reissue | undefined {
  if (!fact.certExists) return because('cert_missing', 'no certificate yet', wanted.name);
  if (!fact.keyExists) return because('key_missing', 'no private key', wanted.name);
  if (fact.error !== undefined) return because('cert_unreadable', fact.error, wanted.name);
  if (fact.keyMatchesCert === false) return because('key_mismatch', 'key does not match', wanted.name);
  if (fact.signedByCa === false) return because('other_ca', 'signed by another CA', wanted.name);
  return (
    subjectReason(wanted, fact) ??
    missingReason(wanted, fact) ??
    timeReason(wanted, fact, nowMs, renewBeforeDays, caNotAfterMs)
  );
}

/** The reason alone. */
export function reissueReason(...args: Parameters<typeof reissue>): string | undefined {
  return reissue(...args)?.reason;
}

function because(code: string, reason: string, detail: string): Reissue {
  return {reason, causes: [{code, detail}]};
}

function subjectReason(wanted: CertificateRequest, {subject}: CertificateFacts): Reissue | undefined {
  if (subject === undefined) return undefined;
  const commonName = subjectField(subject, 'CN');
  if (commonName !== wanted.commonName)
    return because('subject_differs', `subject CN differs: ${commonName ?? 'none'}, wanted ${wanted.commonName}`, 'CN');
  const organization = subjectField(subject, 'O');
  if (wanted.organization === undefined || organization === wanted.organization) return undefined;
  return because('subject_differs', `subject O differs: ${organization ?? 'none'}, wanted ${wanted.organization}`, 'O');
}

function missingReason(wanted: CertificateRequest, fact: CertificateFacts): Reissue | undefined {
  const dnsNames = new Set(fact.dnsNames?.map(name => name.toLowerCase()));
  const addresses = new Set(fact.ipAddresses?.map(address => canonicalIp(address) ?? address));
  const missing = [
    ...wanted.dnsNames.filter(name => !dnsNames.has(name.toLowerCase())),
    ...wanted.ipAddresses.filter(address => !addresses.has(canonicalIp(address) ?? address)),
  ];
  if (missing.length > 0) {
    const reason = `SAN ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
    return {reason, causes: missing.map(detail => ({code: 'san_missing', detail}))};
  }
  const usages = fact.extendedKeyUsages ?? [];
  const lacking = usages.includes('any') ? [] : wanted.usages.filter(usage => !usages.includes(usage));
  if (lacking.length === 0) return undefined;
  const reason = `extended key usage ${lacking.join(', ')} is missing`;
  return {reason, causes: lacking.map(detail => ({code: 'usage_missing', detail}))};
}

function timeReason(
  wanted: CertificateRequest,
  {notBeforeMs = 0, notAfterMs = 0}: CertificateFacts,
  nowMs: number,
  renewBeforeDays: number,
  caNotAfterMs: number | undefined,
): Reissue | undefined {
  const end = new Date(notAfterMs).toISOString().slice(0, 10);
  if (notAfterMs <= nowMs) return because('cert_expired', `expired on ${end}`, end);
  if (notBeforeMs > nowMs) {
    const begin = new Date(notBeforeMs).toISOString();
    return because('cert_not_yet_valid', `not valid before ${begin}`, begin);
  }
  if (caNotAfterMs !== undefined && notAfterMs >= caNotAfterMs) return undefined;
  const windowMs = Math.min(renewBeforeDays, wanted.validityDays / 3) * DAY_MS;
  const leftMs = notAfterMs - nowMs;
  if (leftMs > windowMs) return undefined;
  const days = Math.floor(leftMs / DAY_MS);
  const reason = days === 0 ? 'expires within a day' : `expires in ${days} day${days === 1 ? '' : 's'}`;
  return because('cert_expires', reason, end);
}

/** An attribute of a subject as `certificateFacts` writes it (`O=etcd, CN=etcd-1`), unescaped. */
export function subjectField(subject: string, attribute: string): string | undefined {
  for (const part of subject.split(/(?<!\\), | \+ /)) {
    if (part.startsWith(`${attribute}=`)) return unescape2253(part.slice(attribute.length + 1));
  }
  return undefined;
}

function unescape2253(text: string): string {
  return text.replace(/\\([0-9A-Fa-f]{2}|.)/g, (_, escaped: string) =>
    escaped.length === 2 ? String.fromCharCode(Number.parseInt(escaped, 16)) : escaped,
  );
}

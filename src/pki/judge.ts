/** Whether a certificate must be made anew, and why: state is kept until there is a reason, and the reason is shown. */
import {canonicalIp} from './ip.ts';
import {type CertificateRequest, DAY_MS} from './profile.ts';
import type {CertificateFacts} from './read.ts';

/**
 * The reason to issue a certificate (again), or undefined where the one that exists will do. Names, addresses and usages
 * beyond the wanted ones are no reason, nor is another key algorithm: the next renewal brings it.
 *
 * A certificate is renewed `renewBeforeDays` before its end, but never in the first two thirds of the lifetime asked for, and
 * not where it already lasts as long as its CA (`caNotAfterMs`): a new one could not last longer.
 */
export function reissueReason(
  wanted: CertificateRequest,
  fact: CertificateFacts,
  nowMs: number,
  renewBeforeDays: number,
  caNotAfterMs?: number,
): string | undefined {
  if (!fact.certExists) return 'no certificate yet';
  if (!fact.keyExists) return 'no private key';
  if (fact.error !== undefined) return fact.error;
  if (fact.keyMatchesCert === false) return 'key does not match';
  if (fact.signedByCa === false) return 'signed by another CA';
  return (
    subjectReason(wanted, fact) ??
    missingReason(wanted, fact) ??
    timeReason(wanted, fact, nowMs, renewBeforeDays, caNotAfterMs)
  );
}

function subjectReason(wanted: CertificateRequest, {subject}: CertificateFacts): string | undefined {
  if (subject === undefined) return undefined;
  const commonName = subjectField(subject, 'CN');
  if (commonName !== wanted.commonName)
    return `subject CN differs: ${commonName ?? 'none'}, wanted ${wanted.commonName}`;
  const organization = subjectField(subject, 'O');
  if (wanted.organization === undefined || organization === wanted.organization) return undefined;
  return `subject O differs: ${organization ?? 'none'}, wanted ${wanted.organization}`;
}

function missingReason(wanted: CertificateRequest, fact: CertificateFacts): string | undefined {
  const dnsNames = new Set(fact.dnsNames?.map(name => name.toLowerCase()));
  const addresses = new Set(fact.ipAddresses?.map(address => canonicalIp(address) ?? address));
  const missing = [
    ...wanted.dnsNames.filter(name => !dnsNames.has(name.toLowerCase())),
    ...wanted.ipAddresses.filter(address => !addresses.has(canonicalIp(address) ?? address)),
  ];
  if (missing.length > 0) return `SAN ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
  const usages = fact.extendedKeyUsages ?? [];
  const lacking = usages.includes('any') ? [] : wanted.usages.filter(usage => !usages.includes(usage));
  return lacking.length === 0 ? undefined : `extended key usage ${lacking.join(', ')} is missing`;
}

function timeReason(
  wanted: CertificateRequest,
  {notBeforeMs = 0, notAfterMs = 0}: CertificateFacts,
  nowMs: number,
  renewBeforeDays: number,
  caNotAfterMs: number | undefined,
): string | undefined {
  if (notAfterMs <= nowMs) return `expired on ${new Date(notAfterMs).toISOString().slice(0, 10)}`;
  if (notBeforeMs > nowMs) return `not valid before ${new Date(notBeforeMs).toISOString()}`;
  if (caNotAfterMs !== undefined && notAfterMs >= caNotAfterMs) return undefined;
  const windowMs = Math.min(renewBeforeDays, wanted.validityDays / 3) * DAY_MS;
  const leftMs = notAfterMs - nowMs;
  if (leftMs > windowMs) return undefined;
  const days = Math.floor(leftMs / DAY_MS);
  return days === 0 ? 'expires within a day' : `expires in ${days} day${days === 1 ? '' : 's'}`;
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

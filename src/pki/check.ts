/** What is wrong with a request for a certificate, before anything is made. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {canonicalIp} from './ip.ts';
import {type CertificateRequest, MAX_VALIDITY_DAYS} from './profile.ts';

/** RFC 5280 upper bound of a common name. */
const MAX_NAME = 64;
const LABEL = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;

/** Problems of name and lifetime: those of a CA, too. */
export function nameProblems(commonName: string, validityDays: number): Diagnostic[] {
  const problems: Diagnostic[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
  if (commonName === '' || [...commonName].length > MAX_NAME || /[\u0000-\u001f\u007f]/.test(commonName)) {
    problems.push(
      problem('E_CERT_NAME', `${JSON.stringify(commonName)} cannot be the common name of a certificate`, {
        hint: `a common name has 1 to ${MAX_NAME} printable characters.`,
      }),
    );
  }
  if (!Number.isInteger(validityDays) || validityDays < 1 || validityDays > MAX_VALIDITY_DAYS) {
    problems.push(
      problem('E_CERT_VALIDITY', `a certificate cannot be valid for ${validityDays} days`, {
        hint: `give a whole number of days from 1 to ${MAX_VALIDITY_DAYS}.`,
      }),
    );
  }
  return problems;
}

/** Every problem of a request; none = it can be signed. */
export function requestProblems(request: CertificateRequest): Diagnostic[] {
  const problems = nameProblems(request.commonName, request.validityDays);
  for (const name of request.dnsNames) {
    const why = dnsNameProblem(name);
    if (why !== undefined) {
      problems.push(
        problem('E_CERT_SAN', `${JSON.stringify(name)} cannot be a DNS name of certificate ${request.name}: ${why}`, {
          hint: SAN_HINT,
        }),
      );
    }
  }
  for (const address of request.ipAddresses) {
    if (canonicalIp(address) !== undefined) continue;
    problems.push(
      problem('E_CERT_SAN', `${JSON.stringify(address)} in certificate ${request.name} is not an IP address`, {
        hint: SAN_HINT,
      }),
    );
  }
  if (request.usages.length === 0) {
    problems.push(
      problem('E_CERT_USAGE', `certificate ${request.name} is for nothing: no usage is given`, {
        hint: 'ask for serverAuth, clientAuth or both.',
      }),
    );
  }
  if (request.usages.includes('serverAuth') && request.dnsNames.length + request.ipAddresses.length === 0) {
    problems.push(
      problem('E_CERT_SAN', `certificate ${request.name} is for a server but names no host`, {
        hint: 'TLS compares the names and addresses of the certificate only, never its common name: give some.',
      }),
    );
  }
  return problems;
}

function dnsNameProblem(name: string): string | undefined {
  if (canonicalIp(name) !== undefined) return 'it is an IP address, which TLS would not find there';
  if (name.length > 253) return 'it is longer than 253 characters';
  const labels = name.split('.');
  if (labels[0] === '*' && labels.length > 2) labels.shift();
  return labels.every(label => LABEL.test(label)) ? undefined : 'it is not a host name';
}

const SAN_HINT = 'host names go under DNS names (ASCII: write xn--… for others), addresses under IP addresses.';

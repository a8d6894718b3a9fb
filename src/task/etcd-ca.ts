/** `etcd_ca`: a cluster's certificate authority on the controller, made once, and the controller's own client certificate. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {reissue} from '../pki/judge.ts';
import type {CertificateRequest} from '../pki/profile.ts';
import {ADMIN, type MemberArg} from './etcd-members.ts';
import type {CertificateFact, Fact, PathFact, PkiFact} from './fact.ts';
import type {Op} from './op.ts';
import type {Probe} from './probe.ts';
import {defineKind, failure, refusal} from './task.ts';

interface Args {
  readonly dir: string;
  readonly common_name: string;
  /** Days. */
  readonly validity: number;
  readonly admin_validity: number;
  /** Days before its end at which a certificate is renewed. */
  readonly renew: number;
  readonly key_algorithm: 'ec' | 'rsa';
  /** Where members keep the CA's certificate: evidence that the cluster has one already. */
  readonly installed: string;
  readonly members: readonly Pick<MemberArg, 'name' | 'host'>[];
}

const DAY_MS = 86_400_000;
/** A CA that ends within this many days is warned of. */
const WARN_DAYS = 90;

/** Makes a CA where there is none, and refuses to make a second one for a cluster that trusts another. */
export const etcdCaKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_ca',
  summary:
    "Makes a cluster's certificate authority on the controller (the key never leaves it), or uses the one that is there.",
  scope: 'cluster',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dir', 'common_name', 'installed', 'members'],
    properties: {
      dir: {type: 'string', minLength: 1},
      common_name: {type: 'string', minLength: 1},
      validity: {type: 'integer', minimum: 1, default: 7300},
      admin_validity: {type: 'integer', minimum: 1, default: 3650},
      renew: {type: 'integer', minimum: 0, default: 30},
      key_algorithm: {enum: ['ec', 'rsa'], default: 'ec'},
      installed: {type: 'string'},
      members: {type: 'array', items: {type: 'object'}},
    },
  },
  probe: ({dir, installed, members}) => ({
    pki: {kind: 'pki', dir, names: [ADMIN]},
    own: {kind: 'controller-path', path: `${dir}/ca.crt`, content: 'text'},
    ...Object.fromEntries(
      members.map(({name, host}) => [
        `installed:${name}`,
        {kind: 'path' as const, path: installed, content: 'text' as const, at: host},
      ]),
    ),
  }),
  plan: (args, facts, {nowMs}) => {
    const {ca, certificates} = facts.pki as PkiFact;
    const foreign = foreignHolders(args, facts);
    if (!ca.certExists && !ca.keyExists) {
      if (foreign.length > 0) return refusal(missingCa(args, foreign));
      return ok({
        kind: 'change',
        reason: 'no certificate authority yet',
        ops: [issueCa(args), issueAdmin(args)],
        causes: [{code: 'ca_missing', detail: args.dir}],
      });
    }
    const problems = caProblems(args, ca, nowMs);
    if (problems.length > 0) return failure(...problems);
    if (foreign.length > 0) return refusal(otherCa(args, foreign));
    const warnings = expiryWarning(args, ca, nowMs);
    const found = reissue(
      adminRequest(args),
      certificates[ADMIN] ?? {certExists: false, keyExists: false, name: ADMIN},
      nowMs,
      args.renew,
      ca.notAfterMs,
    );
    if (found === undefined) return ok({kind: 'satisfied', reason: `valid until ${dateOf(ca.notAfterMs)}`, warnings});
    return ok({
      kind: 'change',
      reason: `controller's client certificate: ${found.reason}`,
      causes: found.causes,
      ops: [issueAdmin(args)],
      warnings,
    });
  },
});

/** Hosts that trust a CA other than the one in the directory (or any, where the directory has none). */
function foreignHolders({members}: Args, facts: Readonly<Record<string, Fact | undefined>>): string[] {
  const own = textOf(facts.own);
  return members
    .filter(({name}) => {
      const installed = textOf(facts[`installed:${name}`]);
      return installed !== undefined && !sameCertificates(installed, own);
    })
    .map(({host}) => host);
}

function textOf(fact: Fact | undefined): string | undefined {
  const path = fact as PathFact | undefined;
  return path?.exists ? path.text : undefined;
}

/** A bundle on the host may hold our CA beside others. */
function sameCertificates(installed: string, own: string | undefined): boolean {
  if (own === undefined) return installed.trim() === '';
  return installed.replace(/\s+/g, '').includes(own.replace(/\s+/g, ''));
}

function missingCa({dir, installed}: Args, hosts: readonly string[]): Diagnostic {
  return problem(
    'E_ETCD_CA_MISSING',
    `${hosts.join(', ')} already trust a certificate authority (${installed}), but ${dir} on this controller holds none`,
    {
      hint: `copy the directory from the controller that made it (ca.crt and ca.key), or set etcd_pki_dir to where it is. A second CA would lock members and clients out.`,
    },
  );
}

function otherCa({dir, installed}: Args, hosts: readonly string[]): Diagnostic {
  return problem(
    'E_ETCD_CA_MISMATCH',
    `${hosts.join(', ')} trust another certificate authority (${installed}) than ${dir}/ca.crt on this controller`,
    {
      hint: "set etcd_pki_dir to the directory that holds the cluster's own CA, or put a bundle of both there if the CA is being changed on purpose.",
    },
  );
}

function caProblems({dir}: Args, ca: CertificateFact, nowMs: number): Diagnostic[] {
  const bad = (message: string, hint: string) => [problem('E_ETCD_CA', `${dir}: ${message}`, {hint})];
  if (!ca.certExists) return bad('ca.key is there but ca.crt is not', 'put the certificate of this key beside it.');
  if (!ca.keyExists)
    return bad(
      'ca.crt is there but ca.key is not',
      'put the key of this certificate beside it (mode 0600): certificates are signed on this controller.',
    );
  if (ca.error !== undefined) return bad(ca.error, 'both must be PEM files, the key without a passphrase.');
  if (ca.isCa === false)
    return bad(
      'ca.crt is not a CA certificate (basicConstraints CA:TRUE is missing)',
      'use the certificate of an authority, not of a server.',
    );
  if (ca.keyMatchesCert === false)
    return bad('ca.key is not the key of ca.crt', 'put the pair that belongs together there.');
  if (ca.keyMode !== undefined && !/00$/.test(ca.keyMode))
    return bad(`ca.key has mode ${ca.keyMode}: others may read it`, `chmod 0600 ${dir}/ca.key`);
  if (ca.notAfterMs !== undefined && ca.notAfterMs <= nowMs)
    return bad(
      `the CA expired on ${dateOf(ca.notAfterMs)}`,
      'a new CA has to be brought to all members and clients first.',
    );
  return [];
}

function expiryWarning({dir}: Args, ca: CertificateFact, nowMs: number): Diagnostic[] {
  const days = ca.notAfterMs === undefined ? Number.POSITIVE_INFINITY : Math.floor((ca.notAfterMs - nowMs) / DAY_MS);
  return days > WARN_DAYS
    ? []
    : [
        warning('W_ETCD_CA_EXPIRES', `the CA in ${dir} expires in ${days} days`, {
          hint: 'plan its renewal now: members and clients need the new one before the old one ends.',
        }),
      ];
}

function dateOf(ms: number | undefined): string {
  return ms === undefined ? 'an unknown date' : new Date(ms).toISOString().slice(0, 10);
}

function issueCa({dir, common_name: commonName, validity, key_algorithm: keyAlgorithm}: Args): Op {
  return {kind: 'issue-ca', dir, commonName, validityDays: validity, keyAlgorithm};
}

function issueAdmin(args: Args): Op {
  return {kind: 'issue-certificate', dir: args.dir, request: adminRequest(args)};
}

function adminRequest({admin_validity: validityDays, key_algorithm: keyAlgorithm}: Args): CertificateRequest {
  return {
    name: ADMIN,
    commonName: 'root',
    dnsNames: [],
    ipAddresses: [],
    usages: ['clientAuth'],
    validityDays,
    keyAlgorithm,
  };
}

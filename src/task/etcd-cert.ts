/** `etcd_cert`: one certificate, issued on the controller by the cluster's CA, and issued again only for a reason. */
import {ok} from '../base/result.ts';
import {requestProblems} from '../pki/check.ts';
import {reissue} from '../pki/judge.ts';
import type {CertificateRequest} from '../pki/profile.ts';
import type {PkiFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind, failure} from './task.ts';

interface Args {
  readonly dir: string;
  readonly name: string;
  readonly common_name: string;
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly usages: readonly ('serverAuth' | 'clientAuth')[];
  /** Days. */
  readonly validity: number;
  /** Days before the end at which it is renewed. */
  readonly renew: number;
  readonly key_algorithm: 'ec' | 'rsa';
}

/** Issues a certificate into the PKI directory of the controller. */
export const etcdCertKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_cert',
  summary: "Issues a certificate with the cluster's CA on the controller; again only for a reason, which is printed.",
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dir', 'name', 'common_name', 'usages'],
    properties: {
      dir: {type: 'string', minLength: 1},
      name: {type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$'},
      common_name: {type: 'string', minLength: 1},
      dns: {type: 'array', items: {type: 'string'}, default: []},
      ip: {type: 'array', items: {type: 'string'}, default: []},
      usages: {type: 'array', minItems: 1, items: {enum: ['serverAuth', 'clientAuth']}},
      validity: {type: 'integer', minimum: 1, default: 3650},
      renew: {type: 'integer', minimum: 0, default: 30},
      key_algorithm: {enum: ['ec', 'rsa'], default: 'ec'},
    },
  },
  probe: ({dir, name}) => ({pki: {kind: 'pki', dir, names: [name]}}),
  plan: (args, facts, {nowMs, pending}) => {
    const request = requestOf(args);
    const problems = requestProblems(request);
    if (problems.length > 0) return failure(...problems);
    const {ca, certificates} = facts.pki as PkiFact;
    const fact = certificates[args.name] ?? {name: args.name, certExists: false, keyExists: false};
    const found = reissue(request, fact, nowMs, args.renew, ca.notAfterMs);
    if (found === undefined && pending.length > 0 && !ca.certExists)
      return ok({kind: 'undecided', reason: 'decided after the certificate authority is made'});
    if (found === undefined)
      return ok({
        kind: 'satisfied',
        reason: `valid until ${new Date(fact.notAfterMs ?? 0).toISOString().slice(0, 10)}`,
      });
    return ok({kind: 'change', ...found, ops: [{kind: 'issue-certificate', dir: args.dir, request}]});
  },
});

function requestOf(args: Args): CertificateRequest {
  return {
    name: args.name,
    commonName: args.common_name,
    dnsNames: args.dns,
    ipAddresses: args.ip,
    usages: args.usages,
    validityDays: args.validity,
    keyAlgorithm: args.key_algorithm,
  };
}

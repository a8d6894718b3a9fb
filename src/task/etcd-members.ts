/** The members of a cluster as task arguments (`members: "{{ etcd_members }}"`), and how each is asked. */
import type {EtcdArgs, Probe} from './probe.ts';

/** One entry of `etcd_members`. */
export interface MemberArg {
  readonly name: string;
  readonly host: string;
  readonly peer_url: string;
  readonly client_url: string;
}

/** Arguments that every cluster-wide kind takes. */
export interface ClusterArgs {
  readonly members: readonly MemberArg[];
  /** PKI directory on the controller. */
  readonly pki_dir: string;
}

/** JSON Schema of `ClusterArgs`' properties. */
export const CLUSTER_PROPERTIES = {
  members: {
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      required: ['name', 'host', 'peer_url', 'client_url'],
      properties: {
        name: {type: 'string'},
        host: {type: 'string'},
        peer_url: {type: 'string'},
        client_url: {type: 'string'},
      },
    },
  },
  pki_dir: {type: 'string', minLength: 1},
} as const;

/** Name of the client certificate that the controller itself uses; its common name is `root`, etcd's administrator. */
export const ADMIN = 'admin';

/** How to reach a member: with the controller's client certificate, checked against the member's DNS name. */
export function endpointOf(member: MemberArg, pkiDir: string): EtcdArgs {
  return {
    member: member.name,
    host: member.host,
    clientUrl: member.client_url,
    ...(member.client_url.startsWith('https:')
      ? {
          tls: {
            ca: `${pkiDir}/ca.crt`,
            cert: `${pkiDir}/${ADMIN}.crt`,
            key: `${pkiDir}/${ADMIN}.key`,
            serverName: member.name,
          },
        }
      : {}),
  };
}

/** A probe of every member, by `<prefix><member name>`. */
export function memberProbes({
  members,
  pki_dir,
}: ClusterArgs): Record<`etcd:${string}`, Extract<Probe, {kind: 'etcd'}>> {
  return Object.fromEntries(
    members.map(member => [`etcd:${member.name}`, {kind: 'etcd' as const, ...endpointOf(member, pki_dir)}]),
  );
}

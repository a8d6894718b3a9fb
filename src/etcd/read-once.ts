/** Options that etcd reads only when its data directory is empty: a change of these never needs a restart. @see etcd's server/etcdmain/etcd.go, "the server is already initialized as member before". */
export const READ_ONCE: readonly string[] = [
  'initial-cluster',
  'initial-cluster-state',
  'initial-cluster-token',
  'initial-advertise-peer-urls',
  'discovery',
  'discovery-token',
  'discovery-endpoints',
  'discovery-srv',
  'discovery-srv-name',
  'discovery-fallback',
  'discovery-proxy',
];

/** Whether a running member has to be restarted for a change of an option, and why (not). */
export interface RestartClass {
  readonly restart: boolean;
  readonly why: string;
}

/**
 * The class of a top-level option, by etcd's own name. etcd reads its configuration when it starts and at no other time (server/embed
 * has no reload), so a change needs a restart, unless it counts only while there is no data yet.
 */
export function restartClass(key: string): RestartClass {
  return READ_ONCE.includes(key)
    ? {restart: false, why: "read only at a member's first start"}
    : {restart: true, why: 'read when etcd starts'};
}

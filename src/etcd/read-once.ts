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

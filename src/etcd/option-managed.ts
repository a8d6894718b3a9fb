/** Options that the role sets itself, and relies on: what to set instead of them in `etcd_config`. */
import {type DataMap, isMap} from '../base/data.ts';

/** An option of the role's. */
export interface ManagedOption {
  /** By path: `client-transport-security.cert-file`. */
  readonly key: string;
  /** Other parts of the role would go on with the value of the variable: the two must not differ. */
  readonly isRefused: boolean;
  readonly hint: string;
}

const MEMBERS = 'leave it out: the members are the hosts of the inventory.';
const CERTIFICATES = 'leave it out: the role issues the certificates and installs them in etcd_config_dir.';
const CERTIFICATE_KEYS = ['cert-file', 'key-file', 'trusted-ca-file'];

const REFUSED: Readonly<Record<string, string>> = {
  name: 'leave it out: a member is named after etcd_cluster and etcd_seq.',
  'data-dir': 'set etcd_data instead.',
  'advertise-client-urls': 'set etcd_address and etcd_port instead.',
  'initial-advertise-peer-urls': 'set etcd_address and etcd_peer_port instead.',
  'initial-cluster': MEMBERS,
  'initial-cluster-state': 'leave it out: whether the cluster is new is decided from what is on the hosts.',
  discovery: MEMBERS,
  'discovery-config': MEMBERS,
  'discovery-fallback': MEMBERS,
  'discovery-proxy': MEMBERS,
  'discovery-srv': MEMBERS,
  'discovery-srv-name': MEMBERS,
  ...Object.fromEntries(
    ['client-transport-security', 'peer-transport-security'].flatMap(section =>
      CERTIFICATE_KEYS.map(key => [`${section}.${key}`, CERTIFICATES]),
    ),
  ),
};
/** They work, but the variable says it in one place for everything that needs it. */
const WARNED: Readonly<Record<string, string>> = {
  'initial-cluster-token': 'set etcd_token instead.',
  'listen-client-urls':
    'set etcd_listen_address and etcd_port instead; the members are asked at etcd_address all the same.',
  'wal-dir': 'set etcd_wal_dir instead: the directory is then made, and the unit may write there.',
  'listen-peer-urls': 'set etcd_listen_address and etcd_peer_port instead.',
};

/** Those of the role's options that are in the user's own. */
export function managedOptions(own: DataMap): readonly ManagedOption[] {
  return Object.entries(own).flatMap(([key, value]) => {
    const paths = isMap(value) ? [key, ...Object.keys(value).map(inner => `${key}.${inner}`)] : [key];
    return paths.flatMap((path): readonly ManagedOption[] => {
      if (Object.hasOwn(REFUSED, path)) return [{key: path, isRefused: true, hint: REFUSED[path] ?? ''}];
      return Object.hasOwn(WARNED, path) ? [{key: path, isRefused: false, hint: WARNED[path] ?? ''}] : [];
    });
  });
}

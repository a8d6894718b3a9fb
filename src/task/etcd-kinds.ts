/** The kinds that know etcd: what YAML cannot say. */
import {etcdBinaryKind} from './etcd-binary.ts';
import {etcdCaKind} from './etcd-ca.ts';
import {etcdCertKind} from './etcd-cert.ts';
import {etcdEvidenceKind} from './etcd-evidence.ts';
import {etcdHealthKind} from './etcd-health.ts';
import {etcdLaunchKind} from './etcd-launch.ts';
import {etcdLintKind} from './etcd-lint.ts';
import {etcdPurgeCheckKind} from './etcd-purge-check.ts';
import {etcdQuarantineKind} from './etcd-quarantine.ts';
import {etcdReadyKind} from './etcd-ready.ts';
import {etcdReferenceKind} from './etcd-reference.ts';
import {etcdRestartKind} from './etcd-restart.ts';
import {etcdSafeguardKind} from './etcd-safeguard.ts';
import {etcdSettleKind} from './etcd-settle.ts';
import {etcdSnapshotKind} from './etcd-snapshot.ts';
import {etcdStopKind} from './etcd-stop.ts';
import type {AnyTaskKind} from './task.ts';

/** In the order of a run. */
export const ETCD_KINDS: readonly AnyTaskKind[] = [
  etcdLintKind,
  etcdEvidenceKind,
  etcdBinaryKind,
  etcdCaKind,
  etcdCertKind,
  etcdReadyKind,
  etcdLaunchKind,
  etcdSettleKind,
  etcdRestartKind,
  etcdHealthKind,
  etcdReferenceKind,
  etcdSafeguardKind,
  etcdStopKind,
  etcdQuarantineKind,
  etcdPurgeCheckKind,
  etcdSnapshotKind,
];

/** The kinds that know etcd: what YAML cannot say. */
import {etcdBinaryKind} from './etcd-binary.ts';
import {etcdCaKind} from './etcd-ca.ts';
import {etcdCertKind} from './etcd-cert.ts';
import {etcdEvidenceKind} from './etcd-evidence.ts';
import {etcdHealthKind} from './etcd-health.ts';
import {etcdJoinKind} from './etcd-join.ts';
import {etcdLaunchKind} from './etcd-launch.ts';
import {etcdLeaveKind} from './etcd-leave.ts';
import {etcdLintKind} from './etcd-lint.ts';
import {etcdPreflightKind} from './etcd-preflight.ts';
import {etcdPreflightPeersKind} from './etcd-preflight-peers.ts';
import {etcdPurgeCheckKind} from './etcd-purge-check.ts';
import {etcdQuarantineKind} from './etcd-quarantine.ts';
import {etcdReadyKind} from './etcd-ready.ts';
import {etcdReferenceKind} from './etcd-reference.ts';
import {etcdRepairKind} from './etcd-repair.ts';
import {etcdRestartKind} from './etcd-restart.ts';
import {etcdSafeguardKind} from './etcd-safeguard.ts';
import {etcdSettleKind} from './etcd-settle.ts';
import {etcdSnapshotKind} from './etcd-snapshot.ts';
import {etcdStatusKind} from './etcd-status.ts';
import {etcdStopKind} from './etcd-stop.ts';
import {etcdTrashKind} from './etcd-trash.ts';
import type {AnyTaskKind} from './task.ts';

/** In the order of a run. */
export const ETCD_KINDS: readonly AnyTaskKind[] = [
  etcdLintKind,
  etcdPreflightKind,
  etcdPreflightPeersKind,
  etcdEvidenceKind,
  etcdBinaryKind,
  etcdCaKind,
  etcdCertKind,
  etcdReadyKind,
  etcdLaunchKind,
  etcdSettleKind,
  etcdRepairKind,
  etcdJoinKind,
  etcdRestartKind,
  etcdHealthKind,
  etcdStatusKind,
  etcdReferenceKind,
  etcdSafeguardKind,
  etcdStopKind,
  etcdQuarantineKind,
  etcdPurgeCheckKind,
  etcdLeaveKind,
  etcdSnapshotKind,
  etcdTrashKind,
];

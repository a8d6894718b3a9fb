/** The operations of each step towards membership, in order, and those that take it back. */
import type {DataMap} from '../base/data.ts';
import type {ListedMember} from '../etcd/facts.ts';
import {catchUpSeconds, initialClusterFor} from '../etcd/member-list.ts';
import type {MembershipStep} from '../etcd/membership.ts';
import type {MemberTarget} from './cluster-op.ts';
import type {DataArgs} from './etcd-data.ts';
import {endpointOf, type MemberArg} from './etcd-members.ts';
import type {Op} from './op.ts';

/** Where and how the host runs its member. */
export interface JoinPlace extends DataArgs {
  readonly unit: string;
  /** Directory around the log files, where they are not inside `data`; '' = inside. */
  readonly wal_dir: string;
  /** The wanted configuration, by etcd's names. */
  readonly config: DataMap;
  readonly config_file: string;
  readonly owner: string;
  readonly group: string;
  /** Seconds to wait in any case. */
  readonly timeout: number;
}

/** What the operations depend on beside the step. */
export interface JoinScene {
  readonly args: JoinPlace & {readonly pki_dir: string};
  readonly own: MemberArg;
  /** Members to ask, never empty. */
  readonly asked: readonly MemberArg[];
  readonly list: readonly ListedMember[];
  readonly disk: {readonly hasData: boolean; readonly isCurrent: boolean};
  /** `ActiveState` of the unit. */
  readonly unitState: string;
  /** It has raised the alarm CORRUPT. */
  readonly isCorrupt: boolean;
  /** The cluster can spare the member while it is still listed. */
  readonly stopFirst: boolean;
  readonly dbSizeBytes: number;
  readonly keepLearner: boolean;
}

interface JoinOps {
  readonly ops: readonly [Op, ...Op[]];
  readonly undo?: {readonly from: number; readonly ops: readonly Op[]};
}

/** The operations of a step that is to be done. */
export function joinOps(step: Exclude<MembershipStep, {step: 'nothing' | 'repair'}>, scene: JoinScene): JoinOps {
  const target = targetOf(scene);
  const {args, list, unitState} = scene;
  switch (step.step) {
    case 'add': {
      const add: Op = {kind: 'member-add', ...target, listed: list.map(({id}) => id)};
      return {ops: [add, ...startOps(list, scene), ...entryOps(true, scene)], undo: undoOf(scene)};
    }
    case 'start': {
      const [first, ...rest] = startOps(list, scene);
      return {ops: [first, ...rest, ...entryOps(step.row.isLearner, scene)], undo: undoOf(scene)};
    }
    case 'catch-up': {
      const [first, ...rest] = entryOps(true, scene);
      const start: Op = {kind: 'unit', verb: 'start', unit: args.unit, noBlock: true};
      return {ops: unitState === 'active' ? [first, ...rest] : [start, first, ...rest], undo: undoOf(scene)};
    }
    case 'renumber': {
      const update: Op = {kind: 'member-update', ...target, id: step.row.id};
      const restart: Op[] = scene.disk.isCurrent ? [] : [{kind: 'unit', verb: 'restart', unit: args.unit}];
      return {ops: [update, ...restart, healthOp(scene)]};
    }
  }
}

function targetOf({args, own, asked}: JoinScene): MemberTarget {
  return {endpoints: asked.map(member => endpointOf(member, args.pki_dir)), name: own.name, peerUrl: own.peer_url};
}

/** The configuration for the first start only: etcd compares `initial-cluster` with the real list. The usual one is written afterwards. */
function startOps(list: readonly ListedMember[], {args, own, unitState}: JoinScene): readonly [Op, ...Op[]] {
  const config = {
    ...args.config,
    'initial-cluster': initialClusterFor(list, {name: own.name, peerUrl: own.peer_url}),
    'initial-cluster-state': 'existing',
  };
  return [
    {
      kind: 'write',
      path: args.config_file,
      content: `# ${own.name} joins its cluster: made by etcdctl-play for the first start only, then replaced.\n${toJson(config)}\n`,
      owner: 'root',
      group: args.group,
      mode: '0640',
    },
    ...(unitState === 'failed' ? [{kind: 'unit' as const, verb: 'reset-failed' as const, unit: args.unit}] : []),
    {
      kind: 'unit',
      verb: 'start',
      unit: args.unit,
      noBlock: true,
    },
  ];
}

/** JSON is YAML, so etcd reads it. */
function toJson(config: object): string {
  return JSON.stringify(config, (_, value) => (typeof value === 'bigint' ? Number(value) : value), 2);
}

/** Started, caught up, promoted, and healthy with the others before anybody else has a turn. */
function entryOps(isLearner: boolean, scene: JoinScene): readonly [Op, ...Op[]] {
  const {args, own, dbSizeBytes, keepLearner} = scene;
  const timeoutSeconds = catchUpSeconds(dbSizeBytes, args.timeout);
  const target = targetOf(scene);
  return [
    {kind: 'member-wait', ...target, endpoint: endpointOf(own, args.pki_dir), unit: args.unit, timeoutSeconds},
    ...(isLearner && !keepLearner ? [{kind: 'member-promote' as const, ...target, timeoutSeconds: args.timeout}] : []),
    healthOp(scene),
  ];
}

function healthOp({args, own, asked}: JoinScene): Op {
  return {
    kind: 'etcd-wait',
    endpoints: [...asked, own].map(member => endpointOf(member, args.pki_dir)),
    expect: {unit: args.unit},
    timeoutSeconds: args.timeout,
  };
}

/**
 * A member that is to join again leaves first. Stopped before it is removed where the others can spare it: it must not start anew
 * in between. `row` undefined: it has left already.
 */
export function leaveOps(row: ListedMember | undefined, scene: JoinScene): readonly Op[] {
  const {args, unitState, stopFirst, disk, isCorrupt} = scene;
  const stop: Op[] = unitState === 'inactive' ? [] : [{kind: 'unit', verb: 'stop', unit: args.unit}];
  const remove: Op[] =
    row === undefined ? [] : [{kind: 'member-remove', ...targetOf(scene), id: row.id, onlyLearner: false}];
  const attributes = {owner: args.owner, group: args.group, mode: '0700'};
  const aside = dataDirs(args).flatMap((path): Op[] => [
    quarantineOf(path, 'etcd_repair', scene),
    {kind: 'directory', path, parents: true, ...attributes},
  ]);
  const disarm: Op[] = row !== undefined && isCorrupt ? [{kind: 'alarm-disarm', ...targetOf(scene), id: row.id}] : [];
  return [
    ...(stopFirst ? [...stop, ...remove] : [...remove, ...stop]),
    // A process that ran on without its files may have written some of them anew.
    ...(disk.hasData || stop.length > 0 ? aside : []),
    ...disarm,
  ];
}

/** Takes a failed join back: the learner out of the list, then its unit and its data aside. Stops at once where the member has its vote already. */
function undoOf(scene: JoinScene): NonNullable<JoinOps['undo']> {
  const {args} = scene;
  const ops: readonly Op[] = [
    {kind: 'member-remove', ...targetOf(scene), onlyLearner: true},
    {kind: 'unit', verb: 'stop', unit: args.unit},
    {kind: 'unit', verb: 'disable', unit: args.unit},
    ...dataDirs(args).map(path => quarantineOf(path, 'a join that failed', scene)),
  ];
  return {from: 0, ops};
}

function quarantineOf(path: string, reason: string, {args, own}: JoinScene): Op {
  const manifest = {member: own.name, host: own.host, reason};
  return {kind: 'quarantine', path, unit: args.unit, owner: args.owner, manifest};
}

function dataDirs({data, wal_dir: wal}: JoinPlace): readonly string[] {
  return wal === '' ? [data] : [data, wal];
}

/** Which operations of a task take a member of etcd down, found by what they do and not by who asks for it. */
import {groupBy} from '../base/group-by.ts';
import type {ManagedCluster, ManagedMember} from '../etcd/managed.ts';
import {type Op, partsOf} from './op.ts';
import {commandEffect, type StopEffect, type StopTarget, shellEffect, takesDataAway} from './stop-words.ts';

/** One member that a task takes down. */
export interface MemberStop {
  readonly cluster: ManagedCluster;
  readonly member: ManagedMember;
  readonly effect: StopEffect;
  /** The whole cluster is given up: its name, where every stop of the member says so. */
  readonly destroys?: string;
  /** Index of the first operation (of the task's own list) that does it. */
  readonly first: number;
}

/** Members by the machine that they run on. */
export type OnMachines = ReadonlyMap<string, readonly Pick<MemberStop, 'cluster' | 'member'>[]>;

/** Sorts the members of all clusters by machine. */
export function onMachines(clusters: Iterable<ManagedCluster>): OnMachines {
  const all = [...clusters].flatMap(cluster => cluster.members.map(member => ({cluster, member})));
  return groupBy(all, ({member}) => member.machine);
}

/** The members on a machine that these operations take down. */
export function memberStops(ops: readonly Op[], machine: string, members: OnMachines): readonly MemberStop[] {
  return (members.get(machine) ?? []).flatMap(({cluster, member}) => {
    const found = stopOf(ops, targetOf(member));
    return found === undefined ? [] : [{cluster, member, ...found}];
  });
}

function targetOf({unit, dataDir, walDir}: ManagedMember): StopTarget {
  return {unit, dirs: walDir === undefined ? [dataDir] : [dataDir, walDir]};
}

/** Operations within operations are done in their place. */
function flat(ops: readonly Op[]): readonly {readonly op: Op; readonly index: number}[] {
  return ops.flatMap((op, index) => partsOf(op).map(part => ({op: part, index})));
}

/** What becomes of one member: its data may go once it is stopped, and a start after the last stop brings it back. */
function stopOf(ops: readonly Op[], target: StopTarget): Pick<MemberStop, 'effect' | 'first' | 'destroys'> | undefined {
  let found: {effect: StopEffect; first: number; destroys?: string} | undefined;
  for (const {op, index} of flat(ops)) {
    if (op.kind === 'unit' && op.verb === 'start' && op.unit === target.unit && found?.effect === 'stop') {
      found = {effect: 'restart', first: found.first};
      continue;
    }
    const effect = effectOf(op, target);
    if (effect === undefined || (effect === 'data' && found !== undefined)) continue;
    const destroys = op.kind === 'unit' && op.destroys !== undefined ? {destroys: op.destroys} : {};
    found = {effect, first: found?.first ?? index, ...destroys};
    if (effect === 'machine' || effect === 'data') return found;
  }
  return found;
}

function effectOf(op: Op, target: StopTarget): StopEffect | undefined {
  switch (op.kind) {
    case 'unit':
      return op.unit === target.unit && (op.verb === 'stop' || op.verb === 'restart') ? op.verb : undefined;
    case 'remove':
    case 'quarantine':
    case 'trash-restore':
      return takesDataAway(op.path, target.dirs) ? 'data' : undefined;
    case 'command': {
      const effect = commandEffect(op.argv, target, op.chdir);
      // A shell may read its commands from its input.
      return effect ?? (typeof op.stdin === 'string' ? shellEffect(op.stdin, target, op.chdir) : undefined);
    }
    default:
      return undefined;
  }
}

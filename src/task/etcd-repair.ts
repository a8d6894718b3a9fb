/** `etcd_repair`: a member whose data is gone or corrupt leaves its cluster, on request; `etcd_join` then lets it join anew. */
import {ok} from '../base/result.ts';
import {leaveOps} from './etcd-join-ops.ts';
import {TURN_SCHEMA, type TurnArgs, turnOf, turnProbes} from './etcd-turn.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {defineKind} from './task.ts';

/** Takes one broken member out: the list, the process, the data aside. */
export const etcdRepairKind = defineKind<TurnArgs, Readonly<Record<string, Probe>>>({
  name: 'etcd_repair',
  summary:
    'Takes a member whose data is gone or corrupt out of its cluster, so that it can join again; only where the others keep their quorum.',
  scope: 'turn',
  schema: TURN_SCHEMA,
  probe: turnProbes,
  plan: (args, facts, context) => {
    if (!args.repair) return ok({kind: 'satisfied', reason: 'etcd_repair is off'});
    const turn = turnOf(args, facts);
    if (!turn.ok) return settle(turn, context);
    if (!('scene' in turn.value)) return settle(ok({kind: 'satisfied', reason: turn.value.step.reason}), context);
    const {step, scene} = turn.value;
    if (step.step !== 'repair') return settle(ok({kind: 'satisfied', reason: 'its data is there'}), context);
    const [first, ...rest] = leaveOps(step.row, scene);
    if (first === undefined) return ok({kind: 'satisfied', reason: 'it has left already'});
    return ok({kind: 'change', reason: step.reason, ops: [first, ...rest]});
  },
});

/**
 * `etcd_join`: this host's member belongs to its running cluster. It joins as a learner, catches up and is promoted; goes on where an
 * earlier run or a person stopped; moves to another address where the inventory gives it one. One member at a time.
 */
import {ok} from '../base/result.ts';
import {joinOps} from './etcd-join-ops.ts';
import {TURN_SCHEMA, type TurnArgs, turnOf, turnProbes} from './etcd-turn.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {defineKind} from './task.ts';

/** Decides and does the next step of one member. */
export const etcdJoinKind = defineKind<TurnArgs, Readonly<Record<string, Probe>>>({
  name: 'etcd_join',
  summary:
    'Lets a new member join its running cluster: added as a learner, started, caught up, promoted; one member at a time, taken back where it fails.',
  scope: 'turn',
  schema: TURN_SCHEMA,
  probe: turnProbes,
  plan: (args, facts, context) => {
    const turn = turnOf(args, facts);
    if (!turn.ok) return settle(turn, context);
    if (!('scene' in turn.value)) return settle(ok({kind: 'satisfied', reason: turn.value.step.reason}), context);
    const {step, scene} = turn.value;
    // `etcd_repair` stands before this: only a check run comes here.
    if (step.step === 'repair') return ok({kind: 'undecided', reason: 'it joins again after it has left'});
    return ok({kind: 'change', reason: step.reason, ...joinOps(step, scene)});
  },
});

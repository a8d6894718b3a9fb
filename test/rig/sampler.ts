/** The eyes of the observer: asks every known member again and again, and writes down from when to when it said what. */

import type {Member} from '../../src/cluster/api.ts';
import {pause, type Stage} from './actor.ts';
import type {ListedRow, MemberView} from './records.ts';
import {CALL, type Connection, trouble} from './wire.ts';

/** A member that does not answer within this time is silent. */
const SAMPLE_TIMEOUT_MS = 1000;

/** Samples until the signal; members that become known meanwhile are sampled, too. */
export async function sample(stage: Stage, everyMs: number): Promise<void> {
  const watched = new Map<string, Promise<void>>();
  while (!stage.stopping.aborted) {
    stage.fleet.refresh();
    for (const name of stage.fleet.names) {
      if (!watched.has(name)) watched.set(name, follow(stage, name, everyMs));
    }
    await pause(200, stage.stopping);
  }
  await Promise.all(watched.values());
}

async function follow(stage: Stage, name: string, everyMs: number): Promise<void> {
  let span: {readonly said: string; readonly view: MemberView; readonly from: number; to: number} | undefined;
  const finish = () => {
    if (span === undefined) return;
    stage.write({type: 'span', member: name, from: span.from, to: span.to, view: span.view});
  };
  while (!stage.stopping.aborted) {
    const t0 = stage.now();
    const view = await look(stage, name);
    const t1 = stage.now();
    const said = JSON.stringify(view);
    // What is certain: it was like this somewhere between t0 and t1. So a span begins when its first sample ends.
    if (span?.said === said) span.to = Math.max(span.from, t0);
    else {
      finish();
      span = {said, view, from: t1, to: t1};
    }
    await pause(everyMs - (t1 - t0), stage.stopping);
  }
  finish();
}

async function look(stage: Stage, name: string): Promise<MemberView> {
  let connection: Connection;
  try {
    connection = stage.fleet.to(name);
  } catch (error) {
    return {up: false, why: trouble(error)};
  }
  try {
    const [status, list] = await Promise.all([
      connection.call(CALL.status, {}, SAMPLE_TIMEOUT_MS),
      connection.call(CALL.memberList, {linearizable: false}, SAMPLE_TIMEOUT_MS),
    ]);
    if (list.members.length > 0) stage.fleet.learn(list.members);
    return {
      up: true,
      id: status.header?.member_id ?? '',
      cluster: status.header?.cluster_id ?? '',
      leader: status.leader,
      term: Number(status.raftTerm),
      members: rowsOf(list.members),
    };
  } catch (error) {
    return {up: false, why: trouble(error)};
  }
}

/** Member list rows in the order of their ids. */
export function rowsOf(members: readonly Member[]): readonly ListedRow[] {
  return members
    .map(({ID, name, isLearner}) => ({id: ID, name, learner: isLearner, started: name !== ''}))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

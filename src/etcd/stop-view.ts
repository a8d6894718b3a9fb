/** The voters of a cluster as the answers of one moment show them: what the rule about stopping a member counts. */
import type {ListedMember, LiveState, States} from './facts.ts';
import {liveStates, majority} from './facts.ts';
import {laggards, listText} from './health-members.ts';
import {quorum} from './quorum.ts';

/** A member of the inventory, as far as it can be found in a member list. */
export interface NamedMember {
  readonly name: string;
  readonly peerUrl: string;
  /** The host to name in a hint. */
  readonly host?: string;
}

/** What is taken for true in a check run, because earlier steps of the run would have made it so. */
export type Assumed = ReadonlyMap<string, 'up' | 'down'>;

/** Who votes, who is healthy, who leads. */
export interface StopView {
  /** Members that answer and are of the cluster that most are in. */
  readonly own: ReadonlyMap<string, LiveState>;
  /** Names by cluster id. */
  readonly clusterIds: ReadonlyMap<string, readonly string[]>;
  /** The list most members give; undefined where nobody tells one. */
  readonly list: readonly ListedMember[] | undefined;
  /** Who tells which list, where they differ. */
  readonly lists: readonly (readonly string[])[];
  /** From the list; the inventory's size where there is none. */
  readonly voters: number;
  readonly quorum: number;
  /** Ids of voters that answer, know the leader, read through quorum and are not far behind. */
  readonly healthy: ReadonlySet<string>;
  /** Id of the leader that the healthy voters name; undefined where they do not agree. */
  readonly leaderId: string | undefined;
  /** Row of a member of the inventory; undefined where it is not listed. */
  readonly rowOf: (name: string) => ListedMember | undefined;
}

/** Reads the answers. `states` are by name: the inventory's members, and those of the live list that it lacks. */
export function stopView(members: readonly NamedMember[], states: States, assumed: Assumed = new Map()): StopView {
  const live = liveStates(states);
  const ids = majority(new Map([...live].map(([name, state]) => [name, state.clusterId])));
  const own = new Map([...live].filter(([, state]) => state.clusterId === ids.value));
  const telling = new Map([...own].filter(([, state]) => state.members.length > 0));
  const lists = majority(new Map([...telling].map(([name, state]) => [name, listText(state.members)])));
  const [teller = ''] = lists.groups.get(lists.value ?? '') ?? [];
  const list = telling.get(teller)?.members;
  const rowOf = (name: string): ListedMember | undefined => {
    const id = own.get(name)?.memberId;
    const peerUrl = members.find(member => member.name === name)?.peerUrl;
    const byUrl = list?.find(row => peerUrl !== undefined && row.peerUrls.includes(peerUrl));
    return list?.find(row => row.id === id) ?? byUrl ?? list?.find(row => row.name === name);
  };
  const rows = list?.filter(row => !row.isLearner) ?? [];
  const healthy = healthyVoters(own, rows);
  for (const [name, state] of assumed) {
    const row = rowOf(name);
    if (row === undefined || row.isLearner) continue;
    if (state === 'up') healthy.add(row.id);
    else healthy.delete(row.id);
  }
  const leaders = new Set(
    [...own.values()].filter(({memberId}) => healthy.has(memberId)).map(({leaderId}) => leaderId),
  );
  leaders.delete('');
  const voters = list === undefined ? members.length : rows.length;
  return {
    own,
    clusterIds: ids.groups,
    list,
    lists: [...lists.groups.values()],
    voters,
    quorum: quorum(voters),
    healthy,
    leaderId: leaders.size === 1 ? [...leaders][0] : undefined,
    rowOf,
  };
}

/** A member that is far behind is no help to a quorum: what it is asked to confirm waits until it has caught up. */
function healthyVoters(own: StopView['own'], rows: readonly ListedMember[]): Set<string> {
  const voting = new Map([...own].filter(([, {memberId}]) => rows.some(({id}) => id === memberId)));
  const lagging = laggards(voting);
  const healthy = [...voting].filter(
    ([name, {leaderId, linearizable}]) => leaderId !== '' && linearizable && !lagging.has(name),
  );
  return new Set(healthy.map(([, {memberId}]) => memberId));
}

/** What is wrong with a cluster as a whole: members that are silent, two clusters in one, no leader, alarms, reads that fail. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {type Expectation, type LiveState, majority, type SilentState, type States} from './facts.ts';
import {idFromDecimal} from './identity.ts';

type Live = ReadonlyMap<string, LiveState>;

/** Members that do not answer, each with the reason and the next step. */
export function silenceProblems(states: States, {unit}: Expectation): readonly Diagnostic[] {
  return [...states].flatMap(([name, state]) =>
    state.reachable
      ? []
      : [
          problem('E_ETCD_UNREACHABLE', `${name} does not answer: ${state.message}`, {
            hint: silenceHint(state.reason, unit ?? 'etcd'),
          }),
        ],
  );
}

function silenceHint(reason: SilentState['reason'], unit: string): string {
  switch (reason) {
    case 'refused':
      return `nothing listens there: look at "systemctl status ${unit}" and "journalctl -u ${unit}" on its host.`;
    case 'timeout':
      return `the port takes connections but nobody speaks: look at "journalctl -u ${unit}" on its host, then at its disk and its network.`;
    case 'tls':
      return 'its certificate or its CA is not the one this cluster should have: compare them, then deploy the certificates again.';
    case 'no-route':
      return "no connected host can reach its client URL: check the address, the network and the host's firewall.";
    case 'no-credentials':
      return "the client certificate of this cluster is missing on the controller or is not allowed in: issue the cluster's certificates first; with authentication on its common name must be a user with the role root.";
    case 'tunnel':
      return 'the SSH connection would not carry a TCP connection: check "AllowTcpForwarding" and "PermitOpen" in its sshd_config.';
    case 'error':
      return `look at "journalctl -u ${unit}" on its host.`;
  }
}

/** Members of another cluster: what `etcdctl endpoint health` cannot see. */
export function clusterIdProblems(live: Live, {clusterId}: Expectation): readonly Diagnostic[] {
  const {value, groups} = majority(new Map([...live].map(([name, state]) => [name, state.clusterId])));
  if (groups.size > 1) {
    const who = [...groups].map(([id, names]) => `${names.join(', ')}: ${id}`).join('; ');
    return [
      problem('E_ETCD_CLUSTER_ID_MISMATCH', `the members are in ${groups.size} different clusters (${who})`, {
        hint: 'the smaller group was started on foreign or empty data: stop it, move its data directory aside, then remove and add it again. Do not write to either before.',
      }),
    ];
  }
  if (value === undefined || clusterId === undefined || value === clusterId) return [];
  return [
    problem('E_ETCD_CLUSTER_ID', `the cluster's id is ${value}, not ${clusterId} as it should be`, {
      hint: 'it was bootstrapped with another token or other peer URLs, or this is somebody else\'s cluster: compare "initial-cluster" and "initial-cluster-token".',
    }),
  ];
}

/** No leader, or more than one belief about who it is. */
export function leaderProblems(own: Live): readonly Diagnostic[] {
  const leaders = new Map([...own].map(([name, state]) => [name, state.leaderId]));
  const without = [...leaders].filter(([, id]) => id === '').map(([name]) => name);
  const problems: Diagnostic[] = [];
  if (without.length > 0) {
    const verb = without.length === 1 ? 'knows' : 'know';
    problems.push(
      problem('E_ETCD_NO_LEADER', `${without.join(', ')} ${verb} no leader`, {
        hint: 'a majority of voters must reach each other on their peer ports: check which members are down and what their journals say.',
      }),
    );
  }
  const {groups} = majority(new Map([...leaders].filter(([, id]) => id !== '')));
  if (groups.size > 1) {
    const who = [...groups].map(([id, names]) => `${names.join(', ')}: ${id}`).join('; ');
    problems.push(
      problem('E_ETCD_LEADER_DISAGREE', `the members name different leaders (${who})`, {
        hint: 'an election is going on, or a member is cut off: ask again in a few seconds.',
      }),
    );
  }
  return problems;
}

/** An alarm in the words of a status: of which member (its id), and which; undefined: another complaint. */
export function alarmOf(text: string): {readonly id: string; readonly kind: string} | undefined {
  const alarm = /memberID:\s*(\d+)\s+alarm:\s*(\w+)/.exec(text);
  return alarm === null ? undefined : {id: idFromDecimal(alarm[1] ?? '0'), kind: alarm[2] ?? ''};
}

/** Alarms and other complaints; every member repeats the alarms of all, each is reported once. */
export function alarmProblems(own: Live): readonly Diagnostic[] {
  const problems = new Map<string, Diagnostic>();
  for (const [name, {errors}] of own) {
    for (const text of errors) {
      const alarm = alarmOf(text);
      if (alarm !== undefined) {
        problems.set(`${alarm.id} ${alarm.kind}`, alarmProblem(memberName(alarm.id, own), alarm.kind));
      } else if (!/no leader/.test(text)) {
        problems.set(
          `${name} ${text}`,
          problem('E_ETCD_MEMBER_ERROR', `${name} reports: ${text.trim()}`, {hint: "look at that member's journal."}),
        );
      }
    }
  }
  return [...problems.values()];
}

function alarmProblem(member: string, kind: string): Diagnostic {
  if (kind === 'NOSPACE') {
    return problem('E_ETCD_ALARM_NOSPACE', `${member} has raised the alarm NOSPACE: the cluster takes no writes`, {
      hint: 'compact and defragment (or raise "quota-backend-bytes"), then "etcdctl alarm disarm". Reads, deletes and snapshots still work.',
    });
  }
  if (kind === 'CORRUPT') {
    return problem(
      'E_ETCD_ALARM_CORRUPT',
      `${member} has raised the alarm CORRUPT: its data differs from the others'`,
      {
        hint: 'save a snapshot from a healthy member, then replace the corrupt one: remove it, move its data aside, add it again.',
      },
    );
  }
  return problem('E_ETCD_ALARM', `${member} has raised the alarm ${kind}`, {
    hint: 'see "etcdctl alarm list" and that member\'s journal.',
  });
}

/** Reads that did not go through quorum. A learner cannot serve them at all. */
export function readProblems(own: Live): readonly Diagnostic[] {
  return [...own].flatMap(([name, state]) =>
    state.linearizable || state.isLearner || state.leaderId === ''
      ? []
      : [
          problem(
            'E_ETCD_READ',
            `a read through ${name} did not reach a majority: ${state.linearizableError ?? 'no reason given'}`,
            {
              hint: 'check that a majority of voters is up and that their disks and their network keep up.',
            },
          ),
        ],
  );
}

/** A member's name by its id: as asked, as listed, or the id itself. */
function memberName(id: string, own: Live): string {
  for (const [name, state] of own) if (state.memberId === id) return name;
  for (const state of own.values()) {
    const listed = state.members.find(member => member.id === id);
    if (listed !== undefined && listed.name !== '') return listed.name;
  }
  return id === '' ? 'a member' : `member ${id}`;
}

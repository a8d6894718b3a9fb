/**
 * Is a cluster new, being made, stopped or running, and may this run go on? Decided from what is on disk, what runs, who answers
 * and who is listed, never from a flag: tables, of which the first row that fits counts. @see docs/decisions.md for the rows and why.
 */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {groupBy} from '../base/group-by.ts';
import {type EvidenceDecision, type Intent, isSeen, type MemberEvidence, type SeenMember} from './evidence-facts.ts';
import {decideRunning} from './evidence-running.ts';
import {decideSilent} from './evidence-silent.ts';

export type {
  ClusterState,
  EvidenceDecision,
  Intent,
  ListedMember,
  MemberEvidence,
  PortHolder,
} from './evidence-facts.ts';

/** Decides for one cluster. `intent` can only make the answer stricter, or agree to what a refusal has named. */
export function decideFromEvidence(members: readonly MemberEvidence[], intent: Intent): EvidenceDecision {
  const strangers = members.filter(isSeen).flatMap(strangerProblems);
  if (strangers.length > 0) return {ok: false, problems: strangers};
  const isRunning = members.some(member => member.live.answers);
  const decision = isRunning ? decideRunning(members, intent) : decideSilent(members, intent);
  return decision.ok ? asExpected(decision, intent.init) : decision;
}

/** Something on the member's ports that is not the member we manage. */
function strangerProblems({name, host, live, disk}: SeenMember): Diagnostic[] {
  const hint = `look at it with "ss -ltnp" on ${host}; stop it, or give this cluster other ports (etcd_port, etcd_peer_port).`;
  const taken = (message: string) => problem('E_ETCD_PORT_TAKEN', `${host}: ${message}`, {hint});
  if (disk.holders.length > 0) {
    return [...groupBy(disk.holders, ({pid}) => pid)].map(([pid, held]) => {
      const {command = '', identity} = held[0] ?? {};
      const ports = held.length === 1 ? `port ${held[0]?.port}` : `ports ${held.map(({port}) => port).join(' and ')}`;
      const who = pid === 0 ? 'another process' : `pid ${pid} (${command})`;
      const whose = identity?.ok ? `, an etcd of cluster ${identity.clusterId} (member ${identity.memberId}),` : '';
      return taken(`${who}${whose} listens on ${ports} of ${name}, and it is not what we manage`);
    });
  }
  if (disk.unitActive) return [];
  if (live.answers)
    return [taken(`an etcd of cluster ${live.clusterId} that we do not manage answers on the client port of ${name}`)];
  if (disk.hasData || (live.reason !== 'tls' && live.reason !== 'error')) return [];
  return [taken(`something that we do not manage answers on the client port of ${name}: ${live.message}`)];
}

/** `etcd_init` asserts: "existing" wants a cluster, "new" wants none that somebody would have to join. */
function asExpected(decision: Extract<EvidenceDecision, {ok: true}>, init: Intent['init']): EvidenceDecision {
  const isThere = decision.state === 'running' || decision.state === 'stopped';
  if (init === 'existing' && !isThere) {
    const message =
      'etcd_init is "existing", but nothing of the cluster exists: no member answers and no data directory holds one';
    return refuse(message, 'to make a new cluster, leave etcd_init out.');
  }
  if (init === 'new' && decision.joining.length > 0) {
    const message = `etcd_init is "new", but the cluster exists, and ${decision.joining.join(', ')} would have to join it`;
    return refuse(message, 'to add the member, leave etcd_init out or set it to "existing".');
  }
  return decision;
}

function refuse(message: string, hint: string): EvidenceDecision {
  return {ok: false, problems: [problem('E_ETCD_INIT', message, {hint})]};
}

/** Which ways between members have to be open, and what to say of those that are not. Pure. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {ConnectFact} from './preflight-facts.ts';

/** One way: from a host to a port of a member. */
export interface Way {
  /** Inventory host that connects. */
  readonly from: string;
  /** Inventory host of the member that is connected to. */
  readonly to: string;
  readonly address: string;
  readonly port: number;
}

/** A way and what came of it; `listening` = something certainly listened at its end. */
export interface Tried extends Way {
  readonly fact: ConnectFact;
  readonly listening: boolean;
}

/** One problem with a line for each way that is barred. A refusal by a port that nobody listened on says nothing. */
export function reachProblems(tried: readonly Tried[]): readonly Diagnostic[] {
  const barred = tried.filter(
    ({fact, listening}) => fact.result !== 'open' && (fact.result !== 'refused' || listening),
  );
  if (barred.length === 0) return [];
  const lines = barred.map(
    ({from, to, address, port, fact}) =>
      `  ${from} -> ${to === address ? '' : `${to} `}${address.includes(':') ? `[${address}]` : address}:${port}: ${WORDS[fact.result]} (${fact.message})`,
  );
  const count = barred.length === 1 ? 'one way between members is' : `${barred.length} ways between members are`;
  const isForbidden = barred.some(({fact}) => fact.result === 'forbidden');
  return [
    problem('E_PREFLIGHT_PEER', `${count} barred:\n${lines.join('\n')}`, {
      hint: isForbidden
        ? 'set AllowTcpForwarding yes (and no PermitOpen) in sshd_config of the host that could not try.'
        : 'open these ports between the members (iptables -L, nft list ruleset, cloud security groups) and check their routes (ip route get ADDRESS).',
    }),
  ];
}

const WORDS: Readonly<Record<ConnectFact['result'], string>> = {
  open: 'open',
  refused: 'refused by a firewall',
  timeout: 'no answer',
  'no-route': 'no route',
  forbidden: 'sshd does not let us try',
};

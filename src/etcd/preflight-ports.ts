/** Whether the ports of a member are free, or held by the member itself. Pure. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {ListenerFact} from './preflight-facts.ts';
import {canonicalAddress, isUnspecified} from './url.ts';

/** The ports a member will listen on. */
export interface PortNeeds {
  readonly host: string;
  readonly unit: string;
  /** The unit's main process; 0 = it does not run. */
  readonly mainPid: number;
  /** `addresses`: IP addresses that the member binds to; `variable`: where the port is set. */
  readonly ports: readonly {readonly port: number; readonly addresses: readonly string[]; readonly variable: string}[];
}

/** One problem for each port that somebody else holds. */
export function portProblems(listeners: readonly ListenerFact[], needs: PortNeeds): readonly Diagnostic[] {
  return needs.ports.flatMap(({port, addresses, variable}) => {
    const others = listeners.filter(
      listener => listener.port === port && collides(listener, addresses) && !isOurs(listener, needs),
    );
    if (others.length === 0) return [];
    const who = [...new Set(others.map(nameOf))].join('; ');
    return [
      problem('E_PREFLIGHT_PORT', `${needs.host}: port ${port} is taken by ${who}`, {
        hint: `stop it there (ss -ltnp 'sport = :${port}'), or set ${variable} to a free port.`,
      }),
    ];
  });
}

/** Two sockets of one port collide where their addresses do. */
function collides({address}: ListenerFact, addresses: readonly string[]): boolean {
  return isUnspecified(address) || addresses.some(own => isUnspecified(own) || canonicalAddress(own) === address);
}

function isOurs({pid, unit}: ListenerFact, needs: PortNeeds): boolean {
  if (pid === undefined) return needs.mainPid > 0;
  return unit === needs.unit || pid === needs.mainPid;
}

function nameOf({address, pid, unit, command}: ListenerFact): string {
  if (pid === undefined) return `a process that cannot be seen, on ${address}`;
  const of = unit === undefined ? '' : ` of ${unit}`;
  return `pid ${pid}${command === '' ? '' : ` (${command.slice(0, 200)})`}${of}, on ${address}`;
}

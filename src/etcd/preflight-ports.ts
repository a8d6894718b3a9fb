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

/** One problem for each socket on a member's port that is not the member's own. */
export function portProblems(listeners: readonly ListenerFact[], needs: PortNeeds): readonly Diagnostic[] {
  return needs.ports.flatMap(({port, addresses, variable}) =>
    listeners
      .filter(one => one.port === port && collides(one, addresses) && !isOurs(one, needs))
      .map(one => {
        const where = one.unit === undefined ? one.address : `${one.address}, ${one.unit}`;
        const message = `${needs.host}: ${nameOf(one)} listens on port ${port} (${where}), and it is not what we manage`;
        const hint = `stop it there (ss -ltnp 'sport = :${port}'), or set ${variable} to a free port.`;
        return problem('E_ETCD_PORT_TAKEN', message, {hint});
      }),
  );
}

/** Two sockets of one port collide where their addresses do. */
function collides({address}: ListenerFact, addresses: readonly string[]): boolean {
  return isUnspecified(address) || addresses.some(own => isUnspecified(own) || canonicalAddress(own) === address);
}

function isOurs({pid, unit}: ListenerFact, needs: PortNeeds): boolean {
  if (pid === undefined) return needs.mainPid > 0;
  return unit === needs.unit || pid === needs.mainPid;
}

function nameOf({pid, command}: ListenerFact): string {
  if (pid === undefined) return 'a process that cannot be seen';
  return command === '' ? `pid ${pid}` : `pid ${pid} (${command.slice(0, 200)})`;
}

/** Sockets without those of an etcd that holds the client port: `etcd_evidence` asks it, and tells whose it is. */
export function withoutStrangers(
  listeners: readonly ListenerFact[],
  {listen, port}: {listen: string; port: number},
): readonly ListenerFact[] {
  const strangers = listeners.filter(
    one => one.port === port && collides(one, [listen]) && /^(?:\S*\/)?etcd(?: |$)/.test(one.command),
  );
  return listeners.filter(({pid}) => pid === undefined || !strangers.some(one => one.pid === pid));
}

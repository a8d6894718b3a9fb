/** Whether the hosts of a cluster are as many machines as they seem, agree on the time, and mean the same by a name. Pure. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {groupBy} from '../base/group-by.ts';
import type {MachineFact, NamesFact} from './preflight-facts.ts';
import {isLoopback} from './url.ts';

/** Answers by host name. */
export type Machines = ReadonlyMap<string, MachineFact>;

/** New certificates are valid from this long before they are made. */
const BACKDATED_MS = 600_000;

/** Two names of one machine: same boot, same network cards. (The machine id may be a template's, and is not looked at.) */
export function twinProblems(machines: Machines): readonly Diagnostic[] {
  const known = [...machines].filter(([, {bootId, macs}]) => bootId !== '' && macs.length > 0);
  const groups = groupBy(known, ([, {bootId, macs}]) => `${bootId} ${macs.join(' ')}`);
  return [...groups.values()].flatMap(group => {
    const hosts = group.map(([host]) => host);
    if (hosts.length === 1) return [];
    return [
      problem('E_PREFLIGHT_SAME_HOST', `${hosts.join(' and ')} are the same machine under ${hosts.length} names`, {
        hint: 'a member of its own needs a machine of its own: take the extra name out of the cluster, or correct its ansible_host.',
      }),
    ];
  });
}

/** How far two clocks are certainly apart, in ms: what the time that the questions took can explain is taken off. */
export function certainSkewMs(a: MachineFact, b: MachineFact): number {
  const apart = Math.abs(a.epochMs - a.atMs - (b.epochMs - b.atMs));
  return Math.max(0, apart - a.errorMs - b.errorMs);
}

/** Clocks compared with each other; the controller's own says only from when on a new certificate is valid. */
export function clockProblems(
  machines: Machines,
  {warnMs, caNotBeforeMs}: {readonly warnMs: number; readonly caNotBeforeMs: number | undefined},
): readonly Diagnostic[] {
  const hint =
    'set the clocks by NTP (chrony or systemd-timesyncd; timedatectl shows whether it works), then run the same command again.';
  const early = [...machines].flatMap(([host, {epochMs, errorMs, controllerMs}]) => {
    const from = Math.max(controllerMs - BACKDATED_MS, caNotBeforeMs ?? Number.NEGATIVE_INFINITY);
    if (epochMs + errorMs >= from) return [];
    const behind = `${seconds(controllerMs - epochMs)} s behind the controller's`;
    const what = `${host}: its clock shows ${new Date(epochMs).toISOString()}, ${behind}: certificates would not be valid yet`;
    return [problem('E_PREFLIGHT_CLOCK', what, {hint})];
  });
  const pairs = [...machines].flatMap(([a, first], index) =>
    [...machines].slice(index + 1).map(([b, second]) => ({a, b, skewMs: certainSkewMs(first, second)})),
  );
  const apart = pairs.filter(({skewMs}) => skewMs > warnMs).sort((x, y) => y.skewMs - x.skewMs);
  const [worst] = apart;
  if (worst === undefined) return early;
  const more = apart.length === 1 ? '' : ` (and ${apart.length - 1} more pairs)`;
  const text = `the clocks of ${worst.a} and ${worst.b} are at least ${seconds(worst.skewMs)} s apart${more}`;
  return [...early, warning('W_PREFLIGHT_CLOCK', text, {hint})];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

/**
 * Each name has to mean the same everywhere, and never "this machine": an address that all hosts give is needed; more addresses
 * on some are a warning. A host may know more addresses of itself (nss-myhostname). `owners`: the host that a name is of.
 */
export function nameProblems(
  answers: ReadonlyMap<string, NamesFact>,
  owners: ReadonlyMap<string, string>,
): readonly Diagnostic[] {
  const hint =
    'correct DNS or /etc/hosts on these hosts (a 127.0.1.1 line for the own name is common), or set etcd_address to an IP address.';
  return [...owners].flatMap(([name, owner]) => {
    const said = [...answers].flatMap(([host, fact]): [string, readonly string[]][] =>
      fact?.[name] === undefined ? [] : [[host, fact[name]]],
    );
    const common = said.reduce<readonly string[] | undefined>(
      (left, [, addresses]) => left?.filter(address => addresses.includes(address)) ?? addresses,
      undefined,
    );
    const others = groupBy(
      said.filter(([host]) => host !== owner),
      ([, addresses]) => addresses.join(' '),
    );
    const isBad = common?.length === 0 || said.some(([, addresses]) => addresses.some(isLoopback));
    if (!isBad && others.size <= 1) return [];
    const groups = groupBy(said, ([, addresses]) => addresses.join(' '));
    const lines = [...groups].map(
      ([text, group]) => `  ${group.map(([host]) => host).join(', ')}: ${text || 'nothing'}`,
    );
    const message = `the name ${name} does not mean the same on every host:\n${lines.join('\n')}`;
    return [isBad ? problem('E_PREFLIGHT_NAME', message, {hint}) : warning('W_PREFLIGHT_NAME', message, {hint})];
  });
}

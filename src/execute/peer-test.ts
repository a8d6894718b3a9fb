/** Tries the ways between members. Where nothing listens at the end of one, a listener is put there first: otherwise a firewall's refusal looks the same. */
import {setTimeout as pause} from 'node:timers/promises';
import {reachProblems, type Tried, type Way} from '../etcd/preflight-reach.ts';
import {isIpv6} from '../etcd/url.ts';
import type {Op} from '../task/op.ts';
import type {OpReply} from '../task/task.ts';
import type {HostSession} from './session.ts';
import {tryConnect} from './tcp-probe.ts';

type Sessions = ReadonlyMap<string, HostSession>;

/** A listener goes by itself after this time, whatever becomes of the controller. */
const LISTEN_SECONDS = 20;
/** How often a refused way is tried again while listeners come up, and how long between, in ms. */
const ATTEMPTS = 20;
const BETWEEN_MS = 150;

/** Tries all ways at once; the reply tells `found` and what was found here. */
export async function testPeers(
  {ways, found}: Extract<Op, {kind: 'peer-test'}>,
  sessions: Sessions,
  as: string | undefined,
): Promise<OpReply> {
  const first = await tryAll(ways, sessions);
  const refused = first.filter(({fact}) => fact.result === 'refused');
  const second = refused.length === 0 ? [] : await withListeners(refused, sessions, as);
  const tried = first.map(one => second.find(({from, to, port}) => isSame(one, {from, to, port})) ?? one);
  const problems = [...found, ...reachProblems(tried)];
  const open = tried.filter(({fact}) => fact.result === 'open').length;
  const stdout = `${open} of ${ways.length} ways are open`;
  const [diagnostic, ...more] = problems;
  if (diagnostic === undefined) return {rc: 0, stdout, stderr: ''};
  const isBad = problems.some(({severity}) => severity === 'error');
  return {rc: isBad ? 1 : 0, stdout, stderr: '', diagnostic, more, refused: isBad};
}

function isSame(way: Way, {from, to, port}: Pick<Way, 'from' | 'to' | 'port'>): boolean {
  return way.from === from && way.to === to && way.port === port;
}

/** Ways whose own host is lost are left out: that has been said. */
async function tryAll(ways: readonly Way[], sessions: Sessions): Promise<Tried[]> {
  const tried = await Promise.all(
    ways.map(async (way): Promise<Tried[]> => {
      const fact = await tryConnect(sessions.get(way.from), way.address, way.port);
      return fact === undefined ? [] : [{...way, fact, listening: false}];
    }),
  );
  return tried.flat();
}

async function withListeners(refused: readonly Tried[], sessions: Sessions, as: string | undefined): Promise<Tried[]> {
  const ends = [...new Set(refused.map(({to}) => to))];
  const listeners = await Promise.all(
    ends.map(async host => {
      const sockets = new Set(refused.filter(({to}) => to === host).map(socketOf));
      return {host, pids: await listen(sessions.get(host), [...sockets], as)};
    }),
  );
  let tried = refused;
  for (let attempt = 0; attempt < ATTEMPTS && tried.some(isRefused); attempt++) {
    await pause(BETWEEN_MS);
    const again = await tryAll(tried.filter(isRefused), sessions);
    tried = tried.map(one => again.find(other => isSame(one, other)) ?? one);
  }
  const alive = new Map<string, ReadonlySet<string>>();
  for (const [host, sockets] of await Promise.all(
    listeners.map(async ({host, pids}) => [host, await unlisten(sessions.get(host), pids, as)] as const),
  ))
    alive.set(host, sockets);
  return tried.map(one => ({...one, listening: alive.get(one.to)?.has(socketOf(one)) === true}));
}

function isRefused({fact}: Tried): boolean {
  return fact.result === 'refused';
}

/** As systemd-socket-activate takes it: every address, so that a translated one (NAT) does not matter. */
function socketOf({address, port}: Way): string {
  return `${isIpv6(address) ? '[::]' : '0.0.0.0'}:${port}`;
}

/** Sockets by the process that listens on each. A host that cannot do it has none. */
async function listen(
  session: HostSession | undefined,
  sockets: readonly string[],
  as: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const text = await ask(session, 'listen', [String(LISTEN_SECONDS), ...sockets], as);
  return new Map(
    text
      .split('\n')
      .flatMap(line => [/^(\d+) (\S+)$/.exec(line)?.slice(1) as [string, string]])
      .filter(Boolean),
  );
}

/** Ends them; the sockets of those that had not ended by themselves (a port that somebody else holds, a socket that cannot be bound). */
async function unlisten(
  session: HostSession | undefined,
  pids: ReadonlyMap<string, string>,
  as: string | undefined,
): Promise<ReadonlySet<string>> {
  if (pids.size === 0) return new Set();
  const text = await ask(session, 'unlisten', [...pids.keys()], as);
  return new Set(text.split('\n').flatMap(pid => pids.get(pid) ?? []));
}

async function ask(
  session: HostSession | undefined,
  verb: string,
  args: readonly string[],
  as: string | undefined,
): Promise<string> {
  const [reply] = (await session?.run([{verb, args}], as === undefined ? {} : {as}).catch(() => undefined)) ?? [];
  return reply?.rc === 0 ? reply.stdout.toString() : '';
}

/** The sessions of a run: none is connected before somebody needs it. */
import {Limiter} from './limiter.ts';
import type {RunInput} from './run.ts';
import type {Peer} from './run-identity.ts';
import {HostSession} from './session.ts';

const PEERS_AT_ONCE = 8;

/** One for each host of the run, which share its places (`forks`). */
export function openSessions(input: RunInput): Map<string, HostSession> {
  const slots = new Limiter(input.forks);
  const {connect, emit, signal, monotonicMs, now} = input;
  return new Map(
    [...input.targets].map(([name, target]) => [
      name,
      new HostSession(target, {connect, emit, signal, slots, monotonicMs, now}),
    ]),
  );
}

/** Hosts outside the run through which members may be asked where no host of the run is a way to them; connected only then, told to nobody. */
export function peerSessions(
  peers: ReadonlyMap<string, Peer>,
  {connect, signal, monotonicMs, now}: RunInput,
): Map<string, HostSession> {
  const slots = new Limiter(PEERS_AT_ONCE);
  const environment = {connect, emit: () => undefined, signal, slots, monotonicMs, now};
  return new Map(
    [...peers].flatMap(([name, {target}]) =>
      target === undefined ? [] : [[name, new HostSession(target, environment)] as const],
    ),
  );
}

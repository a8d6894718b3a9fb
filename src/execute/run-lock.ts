/**
 * One run at a time on each host: the lock is looked at in the first questions of a run, taken just before its first change, on
 * all hosts of the run, kept alive, and let go at the end. Without it nothing is changed; every change names the run, and a host
 * whose lock names another refuses it.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {RunStateFact} from '../task/fact.ts';
import type {Probe} from '../task/probe.ts';
import {ConnectionError, type Request} from '../transport/connection.ts';
import {lockHost} from './host-lock.ts';
import * as words from './lock-problems.ts';
import type {RunLockOptions} from './run-identity.ts';
import type {HostSession, Question} from './session.ts';
import {UnreportedSteps} from './unreported-steps.ts';

const RUN_STATE: Probe = {kind: 'run-state'};
/** In short, for each task that is not tried: the whole was told once. */
const REASONS: Readonly<Record<string, string>> = {
  E_LOCK: 'a host cannot be locked',
  E_LOCK_HELD: 'another run is at work',
  E_LOCK_LOST: 'another run has superseded this one',
};
const RENEW_MS = 5000;
const RELEASE_MS = 5000;

/** The lock of one run; `stopped` is why nothing more may be begun. */
export class RunLock {
  readonly #options: RunLockOptions;
  readonly #locked = new Map<HostSession, string | undefined>();
  readonly #peersTaken = new Map<string, Promise<boolean>>();
  readonly #peerSessions: HostSession[] = [];
  readonly #steps: UnreportedSteps;
  readonly #seenOwners = new Set<string>();
  #observed: Promise<unknown> = Promise.resolve();
  #taking: Promise<boolean> | undefined;
  #isHeld = false;
  #stopped: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RunLockOptions) {
    this.#options = options;
    this.#steps = new UnreportedSteps({...options, runId: options.identity.runId});
  }

  /** The lock of every host of the run is ours. */
  get isHeld(): boolean {
    return this.#isHeld && this.#stopped === undefined;
  }

  /** Why nothing more may be begun: another run is at work, or has superseded this one. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** What to ask each host at the start. */
  questions(): ReadonlyMap<HostSession, Question> {
    const {sessions, lockers} = this.#options;
    return new Map(
      [...lockers].flatMap(([host, as]) => {
        const session = sessions.get(host);
        return session === undefined ? [] : [[session, {probe: RUN_STATE, as}] as const];
      }),
    );
  }

  /** Looks at the answers as they come: another run at work ends this one at once (a check run only says so). */
  observe(): void {
    this.#observed = Promise.all([...this.questions()].map(([session, question]) => this.#look(session, question)));
  }

  /**
   * Locks every host of the run, once; false = it may not be, and that was told. What was decided before the lock was held must be
   * decided anew: everything known is forgotten. `host`: the one that is to change.
   */
  async take(progress: (text: string) => void, host?: string): Promise<boolean> {
    this.#taking ??= this.#takeAll(progress);
    if (!(await this.#taking) || this.#stopped !== undefined) return false;
    return host === undefined || this.#takeQuiet(host, progress);
  }

  /** The same for those hosts of a cluster that are not in the run, before a member stops: two runs with different limits must not both stop one. */
  async takePeers(cluster: string, as: string | undefined, progress: (text: string) => void): Promise<boolean> {
    if (!(await this.take(progress))) return false;
    const taken = this.#peersTaken.get(cluster) ?? this.#takePeers(cluster, as, progress);
    this.#peersTaken.set(cluster, taken);
    return (await taken) && this.#stopped === undefined;
  }

  /** Before a change that no host's agent does (the controller's files, a cluster's members): is the lock still ours everywhere? */
  async confirm(): Promise<Diagnostic | undefined> {
    const answers = await Promise.all([...this.#locked.keys()].map(session => this.#ping(session)));
    return answers.find(answer => answer !== undefined);
  }

  /** Nothing more is begun. The reason is told by whoever met it. */
  stop(diagnostic: Diagnostic): void {
    this.#stopped ??= REASONS[diagnostic.code] ?? diagnostic.message;
  }

  /** Lets the hosts go, and forgets on them what was told. Never rejects; waits no longer than five seconds. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    const patience = new AbortController();
    await Promise.race([
      this.#steps.settle().then(() => Promise.allSettled(this.#unlock())),
      sleep(RELEASE_MS, undefined, {signal: patience.signal}).catch(() => undefined),
    ]);
    patience.abort();
    await Promise.allSettled(this.#peerSessions.splice(0).map(session => session.close()));
  }

  /** A quiet host is locked when there is work for it. */
  async #takeQuiet(host: string, progress: (text: string) => void): Promise<boolean> {
    const {sessions, lockers, quiet} = this.#options;
    const session = sessions.get(host);
    if (!quiet.has(host) || session === undefined || this.#locked.has(session)) return this.#stopped === undefined;
    await this.#lock(session, lockers.get(host), progress);
    return this.#stopped === undefined;
  }

  #unlock(): Promise<unknown>[] {
    const locked = [...this.#locked];
    this.#locked.clear();
    this.#isHeld = false;
    const request: Request = {verb: 'unlock', args: [this.#options.identity.runId], timeoutSeconds: 10};
    return locked.map(([session, as]) => session.aside([request], {as}));
  }

  async #look(session: HostSession, question: Question): Promise<void> {
    await session.ask([question]).catch(() => undefined);
    const fact = session.facts.get(question.probe, question.as) as RunStateFact | undefined;
    if (fact === undefined) return;
    const {lock, steps} = fact;
    if (lock.state !== 'held') {
      this.#steps.tell(session, question.as, steps);
      return;
    }
    if (this.#seenOwners.has(lock.owner?.runId ?? '')) return;
    this.#seenOwners.add(lock.owner?.runId ?? '');
    if (this.#options.check) this.#tell(words.lockSeen(session.name, lock));
    else this.#refuse(words.lockHeld(session.name, lock));
  }

  async #takeAll(progress: (text: string) => void): Promise<boolean> {
    await this.#observed;
    if (this.#stopped !== undefined) return false;
    const hosts = [...this.questions()]
      .filter(([session]) => session.lost === undefined)
      .sort(([a], [b]) => (a.name < b.name ? -1 : 1));
    const [first, ...rest] = hosts;
    this.#startRenewing();
    // One host decides between two runs that begin together: the loser has taken nothing yet.
    if (first !== undefined) await this.#lock(first[0], first[1].as, progress);
    if (this.#stopped === undefined)
      await Promise.all(rest.map(([session, {as}]) => this.#lock(session, as, progress)));
    if (this.#stopped !== undefined) {
      await this.release();
      return false;
    }
    this.#isHeld = true;
    this.#options.forget();
    return true;
  }

  async #takePeers(cluster: string, as: string | undefined, progress: (text: string) => void): Promise<boolean> {
    const peers = [...this.#options.peers].filter(([, peer]) => peer.cluster === cluster);
    await Promise.all(
      peers.map(async ([name, {target, problem}]) => {
        if (target === undefined) {
          this.#tell(words.peerNotLocked(name, cluster, problem?.message ?? 'how to reach it is not known'));
          return;
        }
        const session = this.#options.openPeer(target);
        this.#peerSessions.push(session);
        const why = await this.#lock(session, as, progress);
        if (why !== undefined && this.#stopped === undefined) this.#tell(words.peerNotLocked(name, cluster, why));
      }),
    );
    return this.#stopped === undefined;
  }

  /** Locks one host; in words why not, where it was not. Where another run has it, this run is stopped. */
  async #lock(
    session: HostSession,
    as: string | undefined,
    progress: (text: string) => void,
  ): Promise<string | undefined> {
    const {identity, signal, monotonicMs} = this.#options;
    const result = await lockHost(session, as, identity, {signal, monotonicMs, progress});
    if (result.kind === 'left-out') return result.why;
    if (result.kind === 'refused') {
      this.#refuse(result.diagnostic);
      return result.diagnostic.message;
    }
    this.#locked.set(session, as);
    session.fence = identity.runId;
    const {owner, state, idleSeconds} = result.before ?? {state: 'free', idleSeconds: 0};
    if (owner !== undefined && owner.runId !== '' && owner.runId !== identity.runId)
      this.#tell(words.lockTakenOver(session.name, state, idleSeconds, owner));
    this.#steps.tell(session, as, result.steps);
    return undefined;
  }

  #startRenewing(): void {
    const everyMs = Math.min(RENEW_MS, (this.#options.identity.leaseSeconds * 1000) / 4);
    const renewing = new Set<HostSession>();
    this.#timer = setInterval(() => {
      for (const session of this.#locked.keys()) {
        // A host that is busy with an operation of ours cannot be taken over meanwhile.
        if (renewing.has(session)) continue;
        renewing.add(session);
        const done = this.#ping(session).finally(() => renewing.delete(session));
        void done.then(lost => lost !== undefined && this.#stopped === undefined && this.#refuse(lost));
      }
    }, everyMs);
    this.#timer.unref();
  }

  /** A sign of life to one host; a diagnostic if its lock is another's. */
  async #ping(session: HostSession): Promise<Diagnostic | undefined> {
    try {
      const options = {as: this.#locked.get(session), fence: session.fence};
      const [reply] = await session.aside([{verb: 'ping', args: []}], options);
      return reply?.superseded === true ? words.lockLost(session.name, reply.stderr) : undefined;
    } catch (error) {
      // The loss of a host is told by whoever needs it.
      if (error instanceof ConnectionError) return undefined;
      throw error;
    }
  }

  #refuse(diagnostic: Diagnostic): void {
    this.stop(diagnostic);
    this.#tell(diagnostic);
  }

  #tell(diagnostic: Diagnostic): void {
    this.#options.emit({type: 'diagnostic', diagnostic});
  }
}

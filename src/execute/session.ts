/** One host of a run: its connection (opened once, when first needed) and what is known of it. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {problem} from '../base/diagnostic.ts';
import type {Emit} from '../base/event.ts';
import type {Probe} from '../task/probe.ts';
import type {Connect, Connection, HostTarget, Reply, Request, RunOptions} from '../transport/connection.ts';
import {ConnectionError} from '../transport/connection.ts';
import {type Bundle, bundle} from './bundle.ts';
import {FactStore, probeKey} from './facts.ts';
import type {Limiter} from './limiter.ts';
import {traceOf} from './trace.ts';

/** What every session of a run shares. */
export interface SessionEnvironment {
  readonly connect: Connect;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly slots: Limiter;
  /** Milliseconds from a clock that never goes back. */
  readonly monotonicMs: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A probe, and the user who asks (`become`). */
export interface Question {
  readonly probe: Probe;
  readonly as: string | undefined;
}

/** Opens the connection once, remembers facts, and turns a lost connection into one diagnostic. */
export class HostSession {
  readonly name: string;
  readonly facts = new FactStore();
  /** Resources touched by operations that a check run did not really do. */
  readonly pending: string[] = [];
  /** The run that the host's lock names, once it is ours: every change carries it. */
  fence: string | undefined;
  readonly #target: HostTarget;
  readonly #environment: SessionEnvironment;
  #connecting: Promise<Connection> | undefined;
  #lost: Diagnostic | undefined;
  /** Questions under way, so that nobody asks them twice. */
  readonly #asking = new Map<string, Promise<Diagnostic[]>>();

  constructor(target: HostTarget, environment: SessionEnvironment) {
    this.name = target.name;
    this.#target = target;
    this.#environment = environment;
  }

  /** The connection, opened at the first call. Rejects with `ConnectionError`. */
  connection(): Promise<Connection> {
    this.#connecting ??= this.#open();
    return this.#connecting;
  }

  /** Why the host cannot be reached, once that is known. */
  get lost(): Diagnostic | undefined {
    return this.#lost;
  }

  /** Asks everything that is not known yet, in one round trip. Returns what could not be understood. */
  async ask(questions: readonly Question[]): Promise<Diagnostic[]> {
    const waits = new Set<Promise<Diagnostic[]>>();
    const missing = new Map<string | undefined, Map<string, Probe>>();
    for (const {probe, as} of questions) {
      if (this.facts.get(probe, as) !== undefined) continue;
      const key = probeKey(probe, as);
      const asking = this.#asking.get(key);
      if (asking !== undefined) waits.add(asking);
      else missing.set(as, (missing.get(as) ?? new Map()).set(key, probe));
    }
    for (const [as, probes] of missing) {
      const answers = this.#askAs(as, [...probes.values()]);
      waits.add(answers);
      for (const key of probes.keys()) this.#asking.set(key, answers);
      const forgetAsking = () => {
        for (const key of probes.keys()) this.#asking.delete(key);
      };
      answers.then(forgetAsking, forgetAsking);
    }
    return (await Promise.all(waits)).flat();
  }

  async #askAs(as: string | undefined, probes: readonly Probe[]): Promise<Diagnostic[]> {
    const answers = await this.#answers(as, probes);
    const problems: Diagnostic[] = [];
    for (const {probe, fact} of answers) {
      if (fact.ok) this.facts.set(probe, fact.value, as);
      else problems.push(problem('E_PROBE', `${this.name}: cannot tell ${describeProbe(probe)}: ${fact.error}`));
    }
    return problems;
  }

  /** Asks again, twice at most, where an operation of another task may have changed the answer on its way. */
  async #answers(as: string | undefined, probes: readonly Probe[]): Promise<ReturnType<Bundle['read']>> {
    const {monotonicMs, now} = this.#environment;
    for (let attempt = 1; ; attempt++) {
      const {generation} = this.facts;
      const bundles = bundle(probes);
      const requests = bundles.map(({request}) => request);
      // A host that is not connected yet cannot have been asked: its clock's answer is the surer the shorter the span.
      await this.connection();
      const sentMs = monotonicMs();
      const replies = await this.run(requests, as === undefined ? {} : {as});
      const span = {sentMs, receivedMs: monotonicMs(), controllerMs: now()};
      if (generation !== this.facts.generation && attempt < 3) continue;
      return bundles.flatMap((asked, index) => asked.read(replies[index] as Reply, span));
    }
  }

  /** Sends requests; a lost connection marks the host unreachable. */
  async run(requests: readonly Request[], options: RunOptions): Promise<Reply[]> {
    const {emit, monotonicMs} = this.#environment;
    const startMs = monotonicMs();
    const replies = await this.using(connection => connection.run(requests, options));
    for (const event of traceOf(this.name, requests, replies, monotonicMs() - startMs)) emit(event);
    return replies;
  }

  /** Sends what the run itself needs (its lock), past the run's places and without a trace; a lost connection is left to others to tell. */
  async aside(requests: readonly Request[], options: RunOptions): Promise<Reply[]> {
    const connection = await this.connection();
    return connection.run(requests, options);
  }

  /** Works with the connection, in one of the run's places; a connection lost on the way marks the host unreachable. */
  async using<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.connection();
    try {
      return await this.#environment.slots.run(() => work(connection));
    } catch (error) {
      throw this.#remember(error);
    }
  }

  async close(): Promise<void> {
    const connection = await this.#connecting?.catch(() => undefined);
    await connection?.close();
  }

  async #open(): Promise<Connection> {
    const {connect, emit, signal, slots, monotonicMs} = this.#environment;
    try {
      return await slots.run(async () => {
        emit({type: 'host-connecting', host: this.name});
        const start = monotonicMs();
        const connection = await connect(this.#target, signal);
        emit({type: 'host-connected', host: this.name, durationMs: monotonicMs() - start});
        return connection;
      });
    } catch (error) {
      throw this.#remember(error);
    }
  }

  /** Keeps (and tells) the first reason for which the host was lost. */
  #remember(error: unknown): unknown {
    if (!(error instanceof ConnectionError)) return error;
    if (this.#lost === undefined) {
      this.#lost = error.diagnostic;
      this.#environment.emit({type: 'host-unreachable', host: this.name, diagnostic: error.diagnostic});
    }
    return error;
  }
}

function describeProbe(probe: Probe): string {
  if ('path' in probe) return `what ${probe.path} is`;
  if ('unit' in probe) return `the state of ${probe.unit}`;
  if ('name' in probe) return `about ${probe.kind} ${probe.name}`;
  return `its ${probe.kind}`;
}

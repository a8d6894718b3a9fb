/** The live etcd members of a run, asked through whichever SSH connection reaches them; each answer kept until something touches etcd. */
import type {Duplex} from 'node:stream';
import type {EtcdFact} from '../task/fact.ts';
import type {Probe} from '../task/probe.ts';
import {etcdFact} from './etcd-probe.ts';
import {FactStore} from './facts.ts';
import type {HostSession} from './session.ts';
import {readJournal} from './unit-journal.ts';

type EtcdProbe = Extract<Probe, {kind: 'etcd'}>;
/** Opens a TCP connection from a host's place in the network. */
export type Dial = (address: string, port: number) => Promise<Duplex>;

/** Answers about members, shared by all hosts of a run. */
export class EtcdAccess {
  readonly facts = new FactStore();
  readonly #sessions: ReadonlyMap<string, HostSession>;
  readonly #peers: ReadonlyMap<string, HostSession>;
  readonly #asking = new Map<string, Promise<EtcdFact>>();
  /** Counts the times at which answers became stale: one that was under way then is not kept. */
  #generation = 0;

  /** `peers`: hosts of the same clusters outside the run, connected only where no host of the run is a way to the members. */
  constructor(sessions: ReadonlyMap<string, HostSession>, peers: ReadonlyMap<string, HostSession> = new Map()) {
    this.#sessions = sessions;
    this.#peers = peers;
  }

  /** The member's answer; an unreachable member is an answer too. Equal questions under way are asked once. */
  async ask(probe: EtcdProbe): Promise<EtcdFact> {
    const known = this.facts.get(probe);
    if (known !== undefined) return known as EtcdFact;
    const key = JSON.stringify(probe);
    const asking = this.#asking.get(key) ?? this.#ask(probe);
    this.#asking.set(key, asking);
    return asking.finally(() => this.#asking.get(key) === asking && this.#asking.delete(key));
  }

  /** Ways to a member: from its own host, and from any other connected host. */
  async dialers(host: string): Promise<{own: Dial | undefined; any: Dial | undefined}> {
    const own = await this.#dial(this.#sessions.get(host));
    if (own !== undefined) return {own, any: undefined};
    for (const session of this.#sessions.values()) {
      const any = await this.#dial(session);
      if (any !== undefined) return {own: undefined, any};
    }
    const peer = await this.#dial(this.#peers.get(host));
    if (peer !== undefined) return {own: peer, any: undefined};
    for (const session of this.#peers.values()) {
      const any = await this.#dial(session);
      if (any !== undefined) return {own: undefined, any};
    }
    return {own: undefined, any: undefined};
  }

  /** What a unit wrote last on a host of the run; '' where that cannot be told. */
  journal(host: string, unit: string, as: string | undefined): Promise<string> {
    return readJournal(this.#sessions.get(host), unit, as);
  }

  /** Forgets the answers that touched resources make stale. */
  forget(touched: readonly string[]): void {
    this.facts.forget(touched);
    if (!touched.some(touch => touch === 'etcd' || touch.startsWith('controller:'))) return;
    this.#generation++;
    this.#asking.clear();
  }

  async #ask(probe: EtcdProbe): Promise<EtcdFact> {
    const generation = this.#generation;
    const fact = await etcdFact(probe, await this.dialers(probe.host));
    if (generation === this.#generation) this.facts.set(probe, fact);
    return fact;
  }

  async #dial(session: HostSession | undefined): Promise<Dial | undefined> {
    const connection = await session?.connection().catch(() => undefined);
    return connection && ((address, port) => connection.forward(address, port));
  }
}

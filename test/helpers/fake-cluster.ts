/** A cluster of etcd in memory behind a `FakeFleet`: members that answer over gRPC, units that stop and start them. */
import {type ManagedCluster, machineOf} from '../../src/etcd/managed.ts';
import {dialDirectly, type FakeEtcd, type Reply, startFake} from '../cluster/fake-etcd.ts';
import type {FakeEtcdUnits} from './fake-fleet.ts';

/** One member, as a test may bend it. */
export interface FakeMember {
  readonly name: string;
  readonly host: string;
  readonly id: number;
  /** The unit runs. */
  active: boolean;
  /** The process answers: a stopped (paused) one does not, though its unit runs. */
  answers: boolean;
  isLearner: boolean;
  applied: number;
  clusterId: number;
  errors: readonly string[];
  /** What `systemctl restart` or `start` does: comes up, comes up and answers nothing, or fails. */
  onStart: 'up' | 'mute' | 'fails';
  /** How often it was started: its process's start time. */
  starts: number;
  readonly fake: FakeEtcd;
}

/** Mutable, one per test; close it. */
export class FakeCluster implements FakeEtcdUnits {
  readonly members: FakeMember[] = [];
  readonly name: string;
  leader = 1;
  term = 2;
  /** `stop m1`, `restart m2`, `move m3`, in order. */
  readonly log: string[] = [];
  /** At most so many units were down at once, by our doing. */
  mostDown = 0;
  moveFails = false;
  /** Called when leadership is moved: what happens to the cluster meanwhile. */
  onMove: () => void = () => undefined;
  readonly #unit: string;

  private constructor(name: string) {
    this.name = name;
    this.#unit = `${name}.service`;
  }

  /** `count` members m1, m2 … on hosts h1, h2 …; the first one leads. Its unit is `<name>.service`. */
  static async start(count: number, name = 'etcd', prefix = ''): Promise<FakeCluster> {
    const cluster = new FakeCluster(name);
    for (let n = 1; n <= count; n++) {
      const fake = await startFake({
        Status: () => cluster.#status(n),
        MemberList: () => ({header: {}, members: cluster.#list()}),
        Range: () =>
          cluster.#hasQuorum()
            ? {header: {}, kvs: [], count: '0'}
            : {code: 14, details: 'etcdserver: request timed out'},
        MoveLeader: request => cluster.#move(Number(request['targetID'])),
      });
      cluster.members.push({
        name: `${prefix}m${n}`,
        host: `${prefix}h${n}`,
        id: n,
        active: true,
        answers: true,
        isLearner: false,
        applied: 100,
        clusterId: 77,
        errors: [],
        onStart: 'up',
        starts: 1,
        fake,
      });
    }
    return cluster;
  }

  close(): void {
    for (const {fake} of this.members) fake.close();
  }

  member(n: number): FakeMember {
    return this.members[n - 1] as FakeMember;
  }

  /** As the compiler would give it. */
  managed(more: Partial<ManagedCluster> = {}): ManagedCluster {
    return {
      name: this.name,
      members: this.members.map(({name, host, id, fake}) => ({
        host,
        name,
        seq: id,
        peerUrl: `http://${host}:2380`,
        clientUrl: fake.clientUrl,
        unit: this.#unit,
        dataDir: '/data/etcd',
        machine: machineOf(host, 22, false),
      })),
      pkiDir: '/pki',
      allowDowntime: false,
      healthTimeoutSeconds: 2,
      ...more,
    };
  }

  async systemctl(host: string, verb: string, unit: string): Promise<{rc: number; stdout: string}> {
    const member = this.members.find(one => one.host === host);
    if (member === undefined || unit !== this.#unit) return {rc: 0, stdout: ''};
    this.log.push(`${verb} ${member.name}`);
    if (verb === 'stop' || verb === 'restart') {
      member.active = false;
      this.#elect();
      this.mostDown = Math.max(this.mostDown, this.members.filter(({active}) => !active).length);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    if (verb === 'start' || verb === 'restart') {
      if (member.onStart === 'fails') return {rc: 1, stdout: ''};
      member.active = true;
      member.starts += 1;
      member.answers = member.onStart === 'up';
    }
    return {rc: 0, stdout: ''};
  }

  show(host: string, unit: string): string {
    const member = this.members.find(one => one.host === host);
    const isOurs = member !== undefined && unit === this.#unit;
    const active = isOurs && !member.active ? 'inactive' : 'active';
    const starts = isOurs ? member.starts : 1;
    return `LoadState=loaded\nActiveState=${active}\nSubState=x\nMainPID=1\nExecMainStartTimestampMonotonic=${starts}000000\n`;
  }

  async forward(_address: string, port: number) {
    const member = this.members.find(({fake}) => fake.clientUrl.endsWith(`:${port}`));
    if (member === undefined || !this.#isUp(member)) throw new Error('connection refused');
    return dialDirectly('127.0.0.1', port);
  }

  #isUp({active, answers}: FakeMember): boolean {
    return active && answers;
  }

  #hasQuorum(): boolean {
    const voters = this.members.filter(({isLearner}) => !isLearner);
    return voters.filter(one => this.#isUp(one)).length * 2 > voters.length;
  }

  #elect(): void {
    const next = this.members.find(one => this.#isUp(one) && !one.isLearner);
    if (next === undefined || this.#isUp(this.member(this.leader))) return;
    this.leader = next.id;
    this.term += 1;
  }

  #status(n: number): Reply {
    const {id, clusterId, applied, isLearner, errors} = this.member(n);
    return {
      header: {cluster_id: String(clusterId), member_id: String(id)},
      version: '3.5.30',
      dbSize: '1',
      leader: this.#hasQuorum() ? String(this.leader) : '0',
      raftIndex: String(applied),
      raftTerm: String(this.term),
      raftAppliedIndex: String(applied),
      errors: [...errors],
      isLearner,
    };
  }

  #list() {
    return this.members.map(({id, name, host, isLearner, fake}) => ({
      ID: String(id),
      name,
      peerURLs: [`http://${host}:2380`],
      clientURLs: [fake.clientUrl],
      isLearner,
    }));
  }

  #move(target: number): Reply {
    this.log.push(`move ${this.member(target).name}`);
    this.onMove();
    if (this.moveFails) return {code: 13, details: 'etcdserver: no transferee'};
    this.leader = target;
    this.term += 1;
    return {header: {}};
  }
}

/** Hosts in memory behind `Connect`: they answer the agent's requests that the executor's tests need, and keep what was sent. */
import type {Duplex} from 'node:stream';
import {problem} from '../../src/base/diagnostic.ts';
import type {Event} from '../../src/base/event.ts';
import {execute, type RunInput} from '../../src/execute/run.ts';
import type {Task} from '../../src/task/task.ts';
import {
  type Connection,
  ConnectionError,
  type HostTarget,
  type Reply,
  type Request,
  type RunOptions,
} from '../../src/transport/connection.ts';

/** One round trip: who was asked, what (verb and first words), from when to when (a counter). */
export interface RoundTrip {
  readonly host: string;
  readonly requests: readonly string[];
}

/** What goes wrong, by host name. */
export interface Faults {
  readonly unreachable?: readonly string[];
  /** A host whose connection dies at the first request of this verb. */
  readonly dieAt?: Readonly<Record<string, string>>;
}

/** Answers of `exec` by its first word. */
export type Programs = Readonly<Record<string, (host: string, call: number) => {rc: number; stdout: string}>>;

const SYSTEM = 'machine=x86_64\nmachine-id=machine-of-HOST\nboot-id=boot-of-HOST\nepoch=1\n';
const LOCK_VERBS = ['run-state', 'lock', 'unlock', 'ping', 'settle'];

/** A fleet whose hosts run etcd: what its units do, and where their ports lead. */
export interface FakeEtcdUnits {
  /** `systemctl verb unit` on a host. */
  systemctl(
    host: string,
    verb: string,
    unit: string,
  ): {rc: number; stdout: string} | Promise<{rc: number; stdout: string}>;
  /** Lines of `systemctl show`. */
  show(host: string, unit: string): string;
  forward(address: string, port: number): Promise<Duplex>;
}

const CHANGING = ['write', 'directory', 'attributes', 'remove', 'link', 'systemctl', 'exec', 'upload', 'quarantine'];

/** What a test says of a run. */
export type FleetOptions = {readonly [K in keyof RunInput]?: Exclude<RunInput[K], undefined>} & {
  readonly hosts?: readonly string[];
};

/** Mutable, one per test. */
export class FakeFleet {
  /** But for what a run sends for its lock. */
  readonly trips: RoundTrip[] = [];
  /** Verbs of the run's lock. */
  readonly lockTrips: RoundTrip[] = [];
  readonly events: Event[] = [];
  /** Paths of directories, by `host:path`. */
  readonly directories = new Set<string>();
  /** Lines of the lock of a host that is held. */
  readonly locks = new Map<string, readonly string[]>();
  /** Critical steps that a host tells of, as the agent does. */
  readonly steps = new Map<string, string>();
  /** How often a host says that an operation is still at work. */
  readonly work = new Map<string, number>();
  /** Hosts that cannot be locked, with the exit code of the verb `lock`: 77 = our user may not. */
  readonly unlockable = new Map<string, number>();
  /** Text of files, by `host:path`. */
  readonly files = new Map<string, string>();
  readonly #faults: Faults;
  readonly #programs: Programs;
  readonly #etcd: FakeEtcdUnits | undefined;
  readonly #calls = new Map<string, number>();
  /** Requests under way now, and at most so far. */
  busy = 0;
  mostBusy = 0;
  closed = 0;

  constructor(faults: Faults = {}, programs: Programs = {}, etcd?: FakeEtcdUnits) {
    this.#etcd = etcd;
    this.#faults = faults;
    this.#programs = programs;
  }

  /** Runs tasks on `hosts`; resolves with the exit code. */
  async run(tasks: readonly Task[], options: FleetOptions = {}): Promise<number> {
    return (await this.execute(tasks, options)).exitCode;
  }

  /** The same, with all that the executor gives back. */
  execute(tasks: readonly Task[], options: FleetOptions = {}): ReturnType<typeof execute> {
    const hosts = options.hosts ?? [...new Set(tasks.map(({host}) => host))];
    let clock = 0;
    return execute({
      graph: {nodes: tasks},
      plays: [{name: 'play', hosts}],
      clusters: new Map(),
      targets: new Map(hosts.map(name => [name, targetOf(name)])),
      connect: target => this.#connect(target),
      emit: event => this.events.push(event),
      check: false,
      forks: 50,
      signal: new AbortController().signal,
      runId: 'run',
      identity: {who: 'me', since: 'now', command: 'etcdctl-play', leaseSeconds: 30},
      resume: 'etcdctl-play again',
      program: 'etcdctl-play',
      version: '0',
      now: () => 0,
      monotonicMs: () => clock++,
      ...options,
    });
  }

  /** `<id> <status>` in the order of the ends. */
  get ends(): string[] {
    return this.events.flatMap(event =>
      event.type === 'task-end' ? [`${event.task.id} ${event.status}${event.ignored ? ' ignored' : ''}`] : [],
    );
  }

  /** Why a task ended as it did. */
  reason(id: string): string | undefined {
    const end = this.events.find(event => event.type === 'task-end' && event.task.id === id);
    return end?.type === 'task-end' ? end.reason : undefined;
  }

  /** Round trips that change something. */
  get changes(): RoundTrip[] {
    return this.trips.filter(({requests}) => requests.some(text => CHANGING.includes(text.split(' ')[0] ?? '')));
  }

  async #connect({name}: HostTarget): Promise<Connection> {
    await tick();
    if (this.#faults.unreachable?.includes(name)) throw lost(name);
    return {
      host: name,
      run: (requests, options) => this.#answer(name, requests, options),
      upload: () => Promise.reject(lost(name)),
      forward: (address, port) => this.#etcd?.forward(address, port) ?? Promise.reject(new Error('nothing listens')),
      close: async () => {
        this.closed++;
      },
    };
  }

  async #answer(host: string, requests: readonly Request[], options: RunOptions = {}): Promise<Reply[]> {
    const {stopOnFailure, fence} = options;
    const own = requests.filter(({verb}) => LOCK_VERBS.includes(verb)).map(({verb}) => verb);
    if (own.length > 0) this.lockTrips.push({host, requests: own});
    const others = requests.filter(({verb}) => !LOCK_VERBS.includes(verb));
    if (others.length > 0) this.trips.push({host, requests: others.flatMap(describe)});
    // What a run sends past its places does not count.
    this.busy++;
    if (!requests.every(({verb}) => ['unlock', 'ping', 'settle'].includes(verb)))
      this.mostBusy = Math.max(this.mostBusy, this.busy);
    try {
      await tick();
      if (requests.some(({verb}) => this.#faults.dieAt?.[host] === verb)) throw lost(host);
      let failed = false;
      const answers: Reply[] = [];
      for (const request of requests) {
        const isLost = fence !== undefined && this.locks.get(host)?.[0] !== fence;
        const answer: Reply =
          failed && stopOnFailure
            ? reply('', 125, true)
            : isLost
              ? superseded(this.locks.get(host))
              : await this.#do(host, request);
        failed ||= answer.rc !== 0;
        answers.push(answer);
      }
      return answers;
    } finally {
      this.busy--;
    }
  }

  async #do(host: string, {verb, args, stdin}: Request): Promise<Reply> {
    const [path = ''] = args;
    const at = `${host}:${path}`;
    switch (verb) {
      case 'stat':
        return reply(this.#stat(host, path));
      case 'stats': {
        const [separator, ...rest] = args;
        const paths = rest.filter((_, index) => index % 2 === 0);
        return reply(paths.map(item => `${this.#stat(host, item)}\n${separator} 0\n`).join(''));
      }
      case 'unit':
        if (this.#etcd !== undefined) return reply(this.#etcd.show(host, path));
        return reply('LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=1\n');
      case 'directory':
        if (path.includes('forbidden')) return reply('', 1);
        this.directories.add(at);
        return reply('');
      case 'write':
        this.files.set(at, Buffer.from(stdin ?? []).toString());
        return reply('');
      case 'systemctl': {
        const done = await this.#etcd?.systemctl(host, path, args[1] ?? '');
        return reply(done?.stdout ?? '', done?.rc ?? 0);
      }
      case 'critical': {
        for (const part of nested(stdin)) {
          const done = await this.#do(host, part);
          if (done.rc !== 0) return done;
        }
        return reply('');
      }
      case 'system':
        return reply(SYSTEM.replaceAll('HOST', host));
      case 'exec':
        return this.#exec(host, args);
      case 'run-state':
        return reply(this.#lockState(host));
      case 'lock':
        return this.#lock(host, args);
      case 'unlock':
        if (this.locks.get(host)?.[0] === path) this.locks.delete(host);
        return reply('');
      default:
        return reply('');
    }
  }

  #lockState(host: string): string {
    const lock = this.locks.get(host);
    return `lock ${lock === undefined ? 'free 0' : `held 1\n${lock.join('\n')}`}\n${this.steps.get(host) ?? ''}`;
  }

  #lock(host: string, [run = '', , who = '', since = '', text = '']: readonly string[]): Reply {
    const broken = this.unlockable.get(host);
    if (broken !== undefined) return reply('', broken);
    const work = this.work.get(host) ?? 0;
    this.work.set(host, work - 1);
    if (work > 0) return reply('', 75);
    const before = this.#lockState(host);
    if (this.locks.get(host) !== undefined && this.locks.get(host)?.[0] !== run) return reply('', 76);
    this.locks.set(host, [run, who, since, text]);
    return reply(before.slice('lock '.length));
  }

  #exec(host: string, args: readonly string[]): Reply {
    const [codes = '0', , count = '0', ...words] = args;
    const program = words[Number(count)] ?? '';
    const call = (this.#calls.get(`${host} ${program}`) ?? 0) + 1;
    this.#calls.set(`${host} ${program}`, call);
    const {rc, stdout} = this.#programs[program]?.(host, call) ?? {rc: 0, stdout: ''};
    return reply(stdout, codes === 'any' || codes.split(' ').includes(String(rc)) ? rc : rc || 1);
  }

  #stat(host: string, path: string): string {
    const text = this.files.get(`${host}:${path}`);
    if (text !== undefined) return `81a4 0 0 ${text.length} 0\nroot\nroot\ntext\n${text}`;
    return this.directories.has(`${host}:${path}`) ? '41ed 0 0 0 0\nroot\nroot\n' : 'absent\n';
  }
}

function describe({verb, args, stdin}: Request): string[] {
  if (verb === 'critical')
    return [`critical ${args[1]}`, ...nested(stdin).map(part => describeOne(part.verb, part.args))];
  return [describeOne(verb, args)];
}

/** The requests inside a critical step; none of them has an input. */
function nested(stdin: Uint8Array = new Uint8Array()): Request[] {
  const lines = Buffer.from(stdin).toString().split('\n');
  const found: Request[] = [];
  for (let at = 0; at < lines.length - 1; ) {
    const [, , verb = '', count = '0'] = (lines[at] ?? '').split(' ');
    found.push({verb, args: lines.slice(at + 1, at + 1 + Number(count))});
    at += 1 + Number(count);
  }
  return found;
}

function describeOne(verb: string, args: readonly string[]): string {
  if (verb === 'stats') return 'stats';
  return verb === 'exec'
    ? `exec ${args.slice(3).join(' ')}`
    : `${verb} ${args.slice(0, verb === 'systemctl' ? 2 : 1).join(' ')}`;
}

function reply(stdout: string, rc = 0, skipped = false): Reply {
  return {rc, stdout: Buffer.from(stdout), stderr: rc === 0 || skipped ? '' : 'no', skipped};
}

function superseded(lines: readonly string[] = []): Reply {
  const stderr = lines.map(line => `${line}\n`).join('');
  return {rc: 125, stdout: Buffer.alloc(0), stderr, skipped: false, superseded: true};
}

function lost(host: string): ConnectionError {
  return new ConnectionError(problem('E_CONNECT', `${host} does not answer`, {hint: 'look at it'}));
}

function tick(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

function targetOf(name: string): HostTarget {
  return {name, connection: 'ssh', address: name, port: 22, options: {}};
}

/** A task; `id` is `<name>@<host>`. */
export function task(name: string, host: string, kind: string, args: Task['args'], more: Partial<Task> = {}): Task {
  return {id: `${name}@${host}`, play: 'play', name, host, kind, args, tags: [], needs: [], ...more};
}

/** A directory that is to be there. */
export function directory(name: string, host: string, more: Partial<Task> = {}): Task {
  return task(name, host, 'file', {path: `/${name}`, state: 'directory'}, more);
}

/** A command that always runs. */
export function command(name: string, host: string, argv: readonly string[], more: Partial<Task> = {}): Task {
  return task(name, host, 'command', {argv: [...argv]}, more);
}

/** A host in memory: answers probes and does operations as the agent would, for laws about task kinds. */
import {createHash} from 'node:crypto';
import {Secret} from '../../src/base/secret.ts';
import type {Fact, GroupFact, PathFact, UnitFact, UserFact} from '../../src/task/fact.ts';
import type {Attributes, Op} from '../../src/task/op.ts';
import type {Content, Probe} from '../../src/task/probe.ts';
import type {OpReply} from '../../src/task/task.ts';

/** A path of the fake host; what is left out is a file of root's, 0644. */
export interface FakePath {
  readonly type?: 'file' | 'directory' | 'link' | 'other';
  readonly text?: string;
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly target?: string;
}

/** What is on the host, and on the controller, before anything is done. */
export interface FakeState {
  readonly paths?: Readonly<Record<string, FakePath>>;
  readonly users?: Readonly<Record<string, Partial<Extract<UserFact, {exists: true}>>>>;
  readonly groups?: Readonly<Record<string, {readonly gid: number; readonly members?: readonly string[]}>>;
  readonly units?: Readonly<Record<string, Partial<UnitFact>>>;
  /** Some unit's files have changed since systemd read them. */
  readonly stale?: boolean;
  /** Text of files on the controller; `null` = a directory. */
  readonly controller?: Readonly<Record<string, string | null>>;
}

const DONE: OpReply = {rc: 0, stdout: '', stderr: ''};

const UNIT: UnitFact = {
  load: 'loaded',
  active: 'inactive',
  sub: 'dead',
  enabled: 'disabled',
  mainPid: 0,
  needDaemonReload: false,
  fragment: '',
  dropIns: [],
  result: 'success',
  restarts: 0,
  startedMonotonic: 0,
};

const IDS: Readonly<Record<string, number>> = {root: 0, etcd: 997, dba: 1000};

/** Mutable, one per test. */
export class FakeHost {
  readonly #paths: Map<string, FakePath>;
  readonly #users: Map<string, Partial<Extract<UserFact, {exists: true}>>>;
  readonly #groups: Map<string, {gid: number; members: string[]}>;
  readonly #units: Map<string, UnitFact>;
  readonly #controller: Map<string, string | null>;
  #stale: boolean;

  constructor(state: FakeState = {}) {
    this.#paths = new Map(Object.entries(state.paths ?? {}));
    this.#users = new Map(Object.entries(state.users ?? {}));
    this.#groups = new Map(
      Object.entries(state.groups ?? {}).map(([name, {gid, members = []}]) => [name, {gid, members: [...members]}]),
    );
    this.#units = new Map(Object.entries(state.units ?? {}).map(([name, unit]) => [name, {...UNIT, ...unit}]));
    this.#controller = new Map(Object.entries(state.controller ?? {}));
    this.#stale = state.stale ?? false;
  }

  /** The fact that answers a probe. */
  answer(probe: Probe): Fact {
    switch (probe.kind) {
      case 'path':
        return this.#pathFact(this.#paths.get(probe.path), probe.content);
      case 'controller-path': {
        const text = this.#controller.get(probe.path);
        const path = text === undefined ? undefined : text === null ? {type: 'directory' as const} : {text};
        return this.#pathFact(path, probe.content);
      }
      case 'user': {
        const user = this.#users.get(probe.name);
        if (user === undefined) return {exists: false};
        return {
          uid: 1000,
          gid: 1000,
          group: probe.name,
          home: `/home/${probe.name}`,
          shell: '/bin/sh',
          comment: '',
          ...user,
          exists: true,
        };
      }
      case 'group': {
        const group = this.#groups.get(probe.name);
        return (group === undefined ? {exists: false} : {exists: true, ...group}) satisfies GroupFact;
      }
      case 'unit':
        return this.#units.get(probe.unit) ?? {...UNIT, load: 'not-found', enabled: ''};
      case 'command':
        return this.#command(probe.argv);
      case 'system':
        return {
          machine: 'x86_64',
          arch: 'amd64',
          kernel: '6.1.0',
          hostname: 'fake',
          osId: 'debian',
          osVersion: '12',
          machineId: '0',
          bootId: '0',
          epochSeconds: 0,
          systemd: true,
        };
      default:
        throw new Error(`the fake host has no answer to ${probe.kind}`);
    }
  }

  /** Does an operation. */
  apply(op: Op): OpReply {
    switch (op.kind) {
      case 'write':
      case 'upload':
        return this.#write(op);
      case 'directory':
        this.#dress(
          op.path,
          {type: 'directory', mode: '0755', owner: 'root', group: 'root', ...this.#paths.get(op.path)},
          op,
        );
        return DONE;
      case 'attributes':
        for (const [path, node] of this.#paths) {
          if (path === op.path || (op.recursive === true && path.startsWith(`${op.path}/`)))
            this.#dress(path, node, op);
        }
        return DONE;
      case 'link':
        this.#paths.set(op.path, {type: 'link', target: op.target, mode: '0777'});
        return DONE;
      case 'remove':
        for (const path of [...this.#paths.keys()])
          if (path === op.path || path.startsWith(`${op.path}/`)) this.#paths.delete(path);
        return DONE;
      case 'group-add':
        this.#groups.set(op.name, {gid: op.gid ?? 1001, members: []});
        return DONE;
      case 'group-remove':
        this.#groups.delete(op.name);
        return DONE;
      case 'user-add':
        this.#users.set(
          op.name,
          pick({uid: op.uid, group: op.group, home: op.home, shell: op.shell, comment: op.comment}),
        );
        return DONE;
      case 'user-remove':
        this.#users.delete(op.name);
        return DONE;
      case 'unit':
        return this.#unit(op);
      case 'command':
        return this.#run(op.argv);
      default:
        throw new Error(`the fake host cannot do ${op.kind}`);
    }
  }

  #pathFact(path: FakePath | undefined, content: 'none' | 'sha256' | 'text' = 'none'): PathFact {
    if (path === undefined) return {exists: false};
    const {
      type = 'file',
      text = '',
      mode = type === 'directory' ? '0755' : '0644',
      owner = 'root',
      group = 'root',
      target,
    } = path;
    const isRead = type === 'file' && content !== 'none';
    return {
      exists: true,
      type,
      mode,
      owner,
      group,
      uid: IDS[owner] ?? 1000,
      gid: IDS[group] ?? 1000,
      sizeBytes: Buffer.byteLength(text),
      mtime: 0,
      ...(target === undefined ? {} : {target}),
      ...(isRead ? {sha256: sha256(text)} : {}),
      ...(isRead && content === 'text' && text.length <= 1024 * 1024 ? {text} : {}),
    };
  }

  #write(op: Extract<Op, {kind: 'write' | 'upload'}>): OpReply {
    const text = op.kind === 'upload' ? (this.#controller.get(op.controllerPath) ?? '') : this.#textOf(op.content);
    if (op.sha256 !== undefined && op.sha256 !== sha256(text)) return {rc: 1, stdout: '', stderr: 'sha256 differs'};
    const before = this.#paths.get(op.path);
    const attributes = before?.type === 'link' ? {} : (before ?? {});
    this.#dress(op.path, {...attributes, type: 'file', text}, op);
    return DONE;
  }

  #textOf(content: Content): string {
    if (typeof content === 'string') return content;
    return content instanceof Secret ? content.reveal() : (this.#controller.get(content.controllerPath) ?? '');
  }

  #dress(path: string, node: FakePath, {owner, group, mode}: Attributes): void {
    this.#paths.set(path, {...node, ...pick({owner, group, mode: node.type === 'link' ? undefined : mode})});
  }

  #command(argv: readonly string[]): Fact {
    if (argv[0] === 'systemctl')
      return {rc: 0, stdout: `NeedDaemonReload=no\n\nNeedDaemonReload=${this.#stale ? 'yes' : 'no'}\n`, stderr: ''};
    if (argv[0] !== 'find') throw new Error(`the fake host cannot answer ${argv.join(' ')}`);
    const wanted = (test: string) => argv[argv.indexOf(test) + 1];
    for (const [path, {type, owner = 'root', group = 'root', mode = '0644'}] of this.#paths) {
      if (!path.startsWith(`${argv[1]}/`)) continue;
      const differs =
        (argv.includes('-user') && wanted('-user') !== owner) ||
        (argv.includes('-group') && wanted('-group') !== group) ||
        (argv.includes('-perm') && type !== 'link' && wanted('-perm') !== mode);
      if (differs) return {rc: 0, stdout: `${path}\n`, stderr: ''};
    }
    return {rc: 0, stdout: '', stderr: ''};
  }

  #unit({verb, unit}: Extract<Op, {kind: 'unit'}>): OpReply {
    const set = (change: Partial<UnitFact>) => this.#units.set(unit, {...UNIT, ...this.#units.get(unit), ...change});
    if (verb === 'daemon-reload') {
      this.#stale = false;
      for (const [name, fact] of this.#units) this.#units.set(name, {...fact, needDaemonReload: false});
    } else if (verb === 'start' || verb === 'restart') set({active: 'active', sub: 'running'});
    else if (verb === 'stop' || verb === 'reset-failed') set({active: 'inactive', sub: 'dead'});
    else if (verb === 'enable' || verb === 'disable') set({enabled: `${verb}d`});
    else if (verb === 'mask') set({load: 'masked', enabled: 'masked'});
    else if (verb === 'unmask') set({load: 'loaded', enabled: 'disabled'});
    return DONE;
  }

  #run(argv: readonly string[]): OpReply {
    if (argv[0] !== 'usermod') return {rc: 0, stdout: `${argv.join(' ')}\n`, stderr: ''};
    const name = argv.at(-1) ?? '';
    const option = (flag: string) => (argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined);
    const user = this.#users.get(name) ?? {};
    this.#users.set(name, {
      ...user,
      ...pick({group: option('-g'), home: option('-d'), shell: option('-s'), comment: option('-c')}),
    });
    for (const group of option('-G')?.split(',') ?? []) {
      const before = this.#groups.get(group) ?? {gid: 1002, members: []};
      this.#groups.set(group, {...before, members: [...before.members, name]});
    }
    return DONE;
  }
}

/** Without what is undefined. */
function pick<T extends Record<string, unknown>>(values: T): {[K in keyof T]?: Exclude<T[K], undefined>} {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

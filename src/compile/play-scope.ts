/** The layers of variables that all tasks of a play share. */
import type {Data} from '../base/data.ts';
import type {EtcdMember} from '../etcd/members.ts';
import type {Validators} from '../task/validators.ts';
import type {ParsedTemplates} from '../template/templar.ts';
import type {HostState} from './host-state.ts';
import type {CompileInput} from './input.ts';
import type {NameIndex} from './late-names.ts';
import type {Problems} from './problems.ts';
import type {Project} from './project.ts';
import {NO_VARS, type Var, type VarMap} from './raw.ts';
import type {Role} from './role.ts';

/** What the whole compilation shares. */
export interface Shared {
  readonly input: CompileInput;
  readonly project: Project;
  readonly problems: Problems;
  /** `-e`, with texts turned into the types that roles declare. */
  readonly extraVars: VarMap;
  /** Every host of the inventory, and `localhost`. */
  readonly hosts: ReadonlyMap<string, HostState>;
  readonly clusters: ReadonlyMap<string, readonly EtcdMember[]>;
  /** Hosts of the inventory within `-l` (all without one): `etcd_limit_hosts`. */
  readonly limitHosts: readonly string[];
  /** Values that are the same for every task and costly to build, by name. */
  readonly cache: Map<string, Data>;
  readonly names: NameIndex;
  /** Definitions that were found wrong: what follows from them is not told again. */
  readonly refused: Set<Var>;
  /** Names registered by tasks that the tags leave out, and these tasks. */
  readonly unchosen: Map<string, string>;
  readonly validators: Validators;
  /** Templates parsed so far: the same for every host. */
  readonly parsed: ParsedTemplates;
}

/** A play while its tasks are compiled. */
export interface PlayScope {
  readonly shared: Shared;
  readonly name: string;
  /** `playbook_dir`; names of files start at `dir`. */
  readonly playbookDir: string;
  readonly dir: string;
  /** Hosts of the play and of the batch in hand, in inventory order. */
  readonly hosts: readonly string[];
  readonly batch: readonly string[];
  readonly roles: readonly string[];
  /** The host's weak layers at a role, strongest first. */
  layers(host: HostState, role: Role | undefined): readonly VarMap[];
}

/** The layers of a play. */
export interface PlayLayers {
  readonly vars: VarMap;
  /** Variables of `vars_files`, which may differ by host. */
  readonly varsFiles: (host: HostState) => VarMap;
  readonly roleVars: VarMap;
  readonly roleDefaults: VarMap;
}

/** Ansible's order below block variables: role vars, vars_files, play vars, inventory, role defaults. */
export function weakLayers(layers: PlayLayers): PlayScope['layers'] {
  return (host, role) => [
    ...(role === undefined ? [] : [role.vars]),
    layers.roleVars,
    layers.varsFiles(host),
    layers.vars,
    host.variables,
    ...(role === undefined ? [] : [role.defaults]),
    layers.roleDefaults,
  ];
}

/** A play of no words: what `hostvars` and the inventory's own values see. `defaults` = the weakest layer. */
export function barePlay(shared: Shared, defaults: VarMap = NO_VARS): PlayScope {
  return {
    shared,
    name: '',
    playbookDir: '.',
    dir: '.',
    hosts: [],
    batch: [],
    roles: [],
    layers: host => [host.variables, defaults],
  };
}

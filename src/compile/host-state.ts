/** What the compiler knows of a host as it goes through the tasks in order. */
import type {Data} from '../base/data.ts';
import type {Location} from '../base/source.ts';
import type {EtcdMember} from '../etcd/members.ts';
import type {Sight} from './place.ts';
import type {Var, VarMap} from './raw.ts';
import type {Scope} from './scope.ts';

/** A host while compiling; the names that tasks define grow as tasks are met, and outlive a play. */
export class HostState {
  readonly name: string;
  readonly at: Location | undefined;
  readonly groups: readonly string[];
  readonly variables: VarMap;
  readonly member: EtcdMember | undefined;
  /** The etcd cluster that the host is a member or a client of. */
  readonly cluster: string | undefined;
  /** Names set by `set_fact`, and results of tasks that are skipped for sure: known now. */
  readonly facts = new Map<string, Var>();
  /** Names that are known only when the task has run: register, and `set_fact` of such. The value = the task's name. */
  readonly late = new Map<string, string>();
  /** Scopes that tasks seeing the same share until a name is added. */
  readonly scopes = new Map<Sight, Scope>();

  constructor(start: Pick<HostState, 'name' | 'at' | 'groups' | 'variables' | 'member' | 'cluster'>) {
    this.name = start.name;
    this.at = start.at;
    this.groups = start.groups;
    this.variables = start.variables;
    this.member = start.member;
    this.cluster = start.cluster;
  }

  /** A value known now. */
  setFact(name: string, value: Data, origin: string): void {
    this.late.delete(name);
    this.facts.set(name, {name, value, origin, final: true});
    this.scopes.clear();
  }

  /** A value known only during the run. */
  setLate(name: string, task: string): void {
    this.late.set(name, task);
    this.scopes.clear();
  }
}

/** What a name means for a host at a place: Ansible's order of precedence in one function. */
import type {Data} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {Result} from '../base/result.ts';
import type {Location} from '../base/source.ts';
import {Templar, type TemplateVariable} from '../template/templar.ts';
import {leansOnRefused} from './blame.ts';
import {isFactName} from './fact-names.ts';
import type {HostState} from './host-state.ts';
import {magicVariable} from './magic.ts';
import type {Sight} from './place.ts';
import type {PlayScope} from './play-scope.ts';
import {hasTag, type Raw, safeData, type Var, type VarMap} from './raw.ts';

/** The variables of one host at one place of a play. */
export class Scope {
  readonly host: HostState;
  readonly play: PlayScope;
  readonly place: Sight;
  /** Loop variables. */
  readonly locals: ReadonlyMap<string, Data>;
  readonly templar: Templar;
  #used: Diagnostic[] = [];

  constructor(host: HostState, play: PlayScope, place: Sight, locals: ReadonlyMap<string, Data> = new Map()) {
    this.host = host;
    this.play = play;
    this.place = place;
    this.locals = locals;
    this.templar = new Templar(name => this.#lookup(name), {
      known: () => this.names(),
      parsed: play.shared.parsed,
    });
  }

  /** The same place with loop variables. */
  with(locals: ReadonlyMap<string, Data>): Scope {
    return locals.size === 0 ? this : new Scope(this.host, this.play, this.place, locals);
  }

  /** The definition that wins, for names that users define; a result that is not known yet has none. */
  find(name: string): Var | undefined {
    const {host, play, place} = this;
    const strong = play.shared.extraVars.get(name) ?? firstIn(place.params, name);
    if (strong !== undefined) return strong;
    return host.late.has(name) ? undefined : this.fallback(name);
  }

  /** What a late name means if the task that sets it turns out to be skipped. */
  fallback(name: string): Var | undefined {
    return this.host.facts.get(name) ?? firstIn(this.place.vars, name) ?? this.#weak(name);
  }

  /** Whether a name is the result of a task of this run. */
  isLate(name: string): boolean {
    const {host, play, place, locals} = this;
    if (!host.late.has(name) || locals.has(name)) return false;
    return !play.shared.extraVars.has(name) && firstIn(place.params, name) === undefined;
  }

  /** Whether the name means anything here, now or later. */
  has(name: string): boolean {
    return (
      this.isLate(name) ||
      this.locals.has(name) ||
      this.find(name) !== undefined ||
      magicVariable(name, this) !== undefined
    );
  }

  /** Every name that a user may have meant. */
  *names(): Generator<string> {
    const {host, play, place} = this;
    yield* this.locals.keys();
    for (const layer of [...place.params, ...place.vars, ...play.layers(host, place.role)]) yield* layer.keys();
    yield* host.facts.keys();
    yield* host.late.keys();
    yield* [
      'inventory_hostname',
      'group_names',
      'groups',
      'hostvars',
      'etcd_members',
      'etcd_limit_hosts',
      'playbook_dir',
      'role_path',
    ];
  }

  /** Adds a problem met on this host. */
  problem(diagnostic: Diagnostic): void {
    this.play.shared.problems.add(diagnostic, this.host.name);
  }

  /** Renders a value; undefined after its problems were added. */
  render(raw: Pick<Raw, 'value' | 'at'>): Data | undefined {
    return this.#take(this.templar.render(raw.value, raw.at), raw.at, () => this.play.shared.names.in(raw.value));
  }

  /** Renders the text of a template file. */
  renderText(text: string, at: Location): string | undefined {
    return this.#take(this.templar.renderText(text, at), at, () => this.play.shared.names.of(text, 'text'));
  }

  /** Whether a condition holds; undefined after its problems were added. */
  condition(raw: Pick<Raw, 'value' | 'at'>): boolean | undefined {
    return this.#take(this.tryCondition(raw), raw.at, () => this.play.shared.names.in(raw.value, 'expression'));
  }

  /** Whether a condition holds, as a result. */
  tryCondition({value, at}: Pick<Raw, 'value' | 'at'>): Result<boolean> {
    return this.templar.condition(typeof value === 'boolean' ? value : String(value), at);
  }

  /** Hands on a result's value, or adds its problems. */
  #take<T>(result: Result<T>, at: Location, names: () => readonly string[]): T | undefined {
    const used = this.#used;
    this.#used = [];
    const {problems} = this.play.shared;
    for (const diagnostic of used)
      if (diagnostic.code === 'E_VAULT_UNSUPPORTED') problems.add(diagnostic, this.host.name);
    if (result.ok) return result.value;
    // Better answers than "undefined", for names that were looked for in vain.
    const [better] = used.filter(diagnostic => diagnostic.code !== 'E_VAULT_UNSUPPORTED');
    const isFollowUp = this.play.shared.refused.size > 0 && leansOnRefused(names(), this);
    for (const diagnostic of result.error) {
      if (isFollowUp && diagnostic.code === 'E_TEMPLATE_TYPE') continue;
      const told = diagnostic.code === 'E_UNDEFINED' && better !== undefined ? better : diagnostic;
      problems.add({...told, at: diagnostic.at ?? at}, this.host.name);
    }
    return undefined;
  }

  #lookup(name: string): TemplateVariable | undefined {
    if (this.locals.has(name)) return {value: this.locals.get(name) ?? null, final: true};
    const magic = magicVariable(name, this);
    if (magic !== undefined) return {value: magic, final: true};
    const found = this.find(name);
    if (found !== undefined) return this.#variable(found);
    const task = this.play.shared.unchosen.get(name);
    if (isFactName(name)) this.#used.push(factProblem(name));
    else if (task !== undefined) this.#used.push(unchosenProblem(name, task));
    return undefined;
  }

  #variable(found: Var): TemplateVariable {
    const place = found.at === undefined ? {} : {at: found.at};
    if (found.vault) {
      const hint = 'keep the value in a file of its own and pass it with -e @file.';
      this.#used.push(
        problem('E_VAULT_UNSUPPORTED', `"${found.name}" is encrypted by ansible-vault, which cannot be read`, {
          ...place,
          hint,
        }),
      );
      return {value: '', final: true, ...place};
    }
    // The inventory's values have lost the mark of `!unsafe`; the node still has it.
    const isMarked = found.node !== undefined && hasTag(found.node, '!unsafe');
    const value = isMarked && found.node !== undefined ? safeData(found.node) : found.value;
    return {value, ...place, ...(found.final ? {final: true} : {})};
  }

  #weak(name: string): Var | undefined {
    for (const layer of this.play.layers(this.host, this.place.role)) {
      const found = layer.get(name);
      if (found !== undefined) return found;
    }
    // Ansible's connection falls back to the host's name, and templates may say so too.
    return name === 'ansible_host' ? {name, value: this.host.name, origin: 'inventory name', final: true} : undefined;
  }
}

function firstIn(layers: readonly VarMap[], name: string): Var | undefined {
  for (const layer of layers) {
    const found = layer.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function unchosenProblem(name: string, task: string): Diagnostic {
  const hint = `"${name}" is what the task "${task}" finds out, which the tags leave out: give it a tag that is asked for.`;
  return problem('E_UNDEFINED', `"${name}" is undefined`, {hint});
}

function factProblem(name: string): Diagnostic {
  return problem(
    'E_FACTS_UNSUPPORTED',
    `"${name}" is a fact that Ansible gathers from the host; hosts are not asked before the tasks are known`,
    {
      hint: `set ${name === 'ansible_facts' ? 'the value' : `"${name}"`} as a variable in the inventory, or register it with a command task.`,
    },
  );
}

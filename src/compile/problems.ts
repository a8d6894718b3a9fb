/** Everything wrong, said once: the same mistake met on many hosts or in many tasks is one problem. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Location} from '../base/source.ts';

interface Entry {
  readonly diagnostic: Diagnostic;
  readonly hosts: Set<string>;
}

/** Collects problems; those met on some hosts only name them. */
export class Problems {
  readonly #entries = new Map<string, Entry>();
  readonly #files = new Map<object, number>();

  /** Adds a problem; `host` = where it was met, absent = it concerns the project itself. */
  add(diagnostic: Diagnostic, host?: string): void {
    const key = `${diagnostic.code} ${diagnostic.message} ${this.#place(diagnostic.at)}`;
    const entry = this.#entries.get(key) ?? {diagnostic, hosts: new Set<string>()};
    if (host !== undefined) entry.hosts.add(host);
    this.#entries.set(key, entry);
  }

  addAll(diagnostics: Iterable<Diagnostic>, host?: string): void {
    for (const diagnostic of diagnostics) this.add(diagnostic, host);
  }

  /** How many different problems there are. */
  get count(): number {
    return this.#entries.size;
  }

  /** All problems in the order met; `hosts` = all hosts of the run: a problem of only some of them says which. */
  list(hosts: number): readonly Diagnostic[] {
    return this.#telling().map(({diagnostic, hosts: met}) => {
      if (met.size === 0 || met.size >= hosts) return diagnostic;
      const names = [...met];
      const shown = names.slice(0, 3).join(', ');
      const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
      return {...diagnostic, message: `${diagnostic.message} (on ${shown}${more})`};
    });
  }

  /** What is wrong with a member at some place is said once, and says more than that its variable breaks a schema. */
  #telling(): readonly Entry[] {
    const members = new Map<string, Entry>();
    for (const entry of this.#entries.values()) {
      const {code, at} = entry.diagnostic;
      const place = this.#place(at);
      if (code.startsWith('E_ETCD_') && place !== '' && !members.has(place)) members.set(place, entry);
    }
    return [...this.#entries.values()].filter(entry => {
      const {code, at} = entry.diagnostic;
      const told = members.get(this.#place(at));
      const isSame = told?.diagnostic.code === code || code.startsWith('E_VARIABLE_');
      return told === undefined || told === entry || !isSame;
    });
  }

  #place(at: Location | undefined): string {
    if (at === undefined) return '';
    const file = this.#files.get(at.file) ?? this.#files.size;
    this.#files.set(at.file, file);
    return `${file}:${at.start}:${at.end}`;
  }
}

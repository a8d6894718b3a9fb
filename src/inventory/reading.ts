/** What every reading function needs: where the results and the problems go. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Draft} from './draft.ts';
import type {KnownNames} from './types.ts';

/** One reading of all files. */
export interface Reading {
  readonly draft: Draft;
  readonly known: KnownNames;
  /** Errors and warnings. */
  readonly problems: Diagnostic[];
}

/** How messages and `Variable.origin` name a group. */
export function originOf(group: string): string {
  return group === 'all' ? 'all' : `group ${group}`;
}

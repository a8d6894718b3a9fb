/** `when` on one host: known now, or only during the run. */

import type {LateText} from './late-task.ts';
import type {Raw} from './raw.ts';
import type {Scope} from './scope.ts';

/** What became of a list of conditions. */
export interface Judgement {
  /** The first condition that is false. */
  readonly skip?: string;
  /** Conditions that wait for results. */
  readonly late: readonly LateText[];
}

/** Judges conditions in order up to the first that is false; undefined after a problem. */
export function judge(conditions: readonly Raw[], scope: Scope): Judgement | undefined {
  const {names} = scope.play.shared;
  const late: LateText[] = [];
  let isBroken = false;
  for (const raw of conditions) {
    const text = String(raw.value);
    if (typeof raw.value === 'string' && names.isLate(names.of(text, 'expression'), scope)) {
      late.push({text, mode: 'expression', at: raw.at});
      continue;
    }
    const holds = scope.condition(raw);
    if (holds === undefined) isBroken = true;
    if (holds === false) return {skip: `when: ${text} is false`, late: []};
  }
  return isBroken ? undefined : {late};
}

/** Which tasks `-t` and `--skip-tags` choose: ansible-core's rules. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';

/** What `-t` and `--skip-tags` say; empty `only` = all. */
export interface TagChoice {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** Words that are not names of tags. */
const SPECIAL = ['all', 'tagged', 'untagged', 'always', 'never'];

/** Whether a task with these tags runs. Source: `Taggable.evaluate_tags` of ansible-core 2.14. */
export function isChosen(tags: readonly string[], {only, skip}: TagChoice): boolean {
  return isWanted(tags, only.length === 0 ? ['all'] : only) && !isSkipped(tags, skip);
}

function isWanted(tags: readonly string[], only: readonly string[]): boolean {
  const own = tags.length === 0 ? ['untagged'] : tags;
  if (own.includes('always')) return true;
  if (only.includes('all') && !own.includes('never')) return true;
  if (own.some(tag => only.includes(tag))) return true;
  return only.includes('tagged') && tags.length > 0 && !own.includes('never');
}

function isSkipped(tags: readonly string[], skip: readonly string[]): boolean {
  const own = tags.length === 0 ? ['untagged'] : tags;
  if (skip.includes('all')) return !own.includes('always') || skip.includes('always');
  return own.some(tag => skip.includes(tag)) || (skip.includes('tagged') && tags.length > 0);
}

/** A tag that no task has is a mistake: with `-t` nothing would run, with `--skip-tags` what should not run would. */
export function unknownTags({only, skip}: TagChoice, known: ReadonlySet<string>): readonly Diagnostic[] {
  return [...new Set([...only, ...skip])].flatMap(tag => {
    if (known.has(tag) || SPECIAL.includes(tag)) return [];
    const near = nearestName(tag, known);
    const all = [...known].sort().join(', ');
    const hint =
      near === undefined
        ? `the tags are: ${all === '' ? 'none' : all}.`
        : `did you mean "${near}"? --list-tags shows all.`;
    return [problem('E_TAG_UNKNOWN', `no task has the tag "${tag}"`, {hint})];
  });
}

/** What a template may use up: it can neither loop forever nor eat the controller's memory. */
import {TemplateFailure} from '../failure.ts';

/** Elements of one `range()`. */
export const MAX_RANGE = 100_000;
/** Characters of one text or of the whole output. */
export const MAX_TEXT = 16 * 1024 * 1024;
/** Evaluation steps of one rendering, the variables it needs included. */
export const MAX_STEPS = 5_000_000;
/** Characters of all texts made on the way. */
const MAX_TEXT_TOTAL = 16 * MAX_TEXT;

/** Counts the work of one rendering; throws E_TEMPLATE_LIMIT when it is too much. */
export class Meter {
  #steps = 0;
  #text = 0;

  /** Pays for `count` steps (visited nodes, list elements). */
  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > MAX_STEPS) throw limit(`the template takes more than ${MAX_STEPS} steps`);
  }

  /** Pays for a text of `length` characters, before it is made where that is possible. */
  text(length: number): void {
    if (length > MAX_TEXT) throw limit(`the template makes a text of more than ${MAX_TEXT} characters`);
    this.#text += length;
    if (this.#text > MAX_TEXT_TOTAL) throw limit('the template makes too much text on the way');
  }
}

/** E_TEMPLATE_LIMIT with the usual hint. */
export function limit(message: string): TemplateFailure {
  return new TemplateFailure('E_TEMPLATE_LIMIT', message, {
    hint: 'look for a loop or a repetition that grows without bound.',
  });
}

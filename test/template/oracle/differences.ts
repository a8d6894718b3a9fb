/** Where we mean to differ from ansible-core, and why. */

interface Difference {
  readonly why: string;
  readonly ours: Readonly<Record<string, unknown>>;
}

/** By expression, or by the name of a template. */
export const DIFFERENCES: ReadonlyMap<string, Difference> = new Map<string, Difference>([
  ['whole', {why: 'plain data knows no floats that are whole: 4.0 of a YAML file is 4', ours: {value: 4, text: '<4>'}}],
  ['missing | mandatory', {why: 'what is wrong is the missing variable, not a type', ours: {error: 'E_UNDEFINED'}}],
  ['1 if false', {why: 'the oracle cannot show an undefined value by itself; its text is the same', ours: {value: '', text: '<>'}}],
]);

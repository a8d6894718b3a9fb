/** Where we mean to differ from ansible-core, and why. */

interface Difference {
  readonly why: string;
  readonly ours: Readonly<Record<string, unknown>>;
}

/** By expression, or by the name of a template. */
export const DIFFERENCES: ReadonlyMap<string, Difference> = new Map<string, Difference>([
  ['whole', {why: 'plain data knows no floats that are whole: 4.0 of a YAML file is 4', ours: {value: 4, text: '<4>'}}],
  ['missing | mandatory', {why: 'what is wrong is the missing variable, not a type', ours: {error: 'E_UNDEFINED'}}],
  [
    '1 if false',
    {why: 'the oracle cannot show an undefined value by itself; its text is the same', ours: {value: '', text: '<>'}},
  ],
  [
    "'{a: [yes, 010, 1.0], b: ~}' | from_yaml",
    {
      why: 'plain data knows no floats that are whole',
      ours: {value: {a: [true, 8, 1], b: null}, text: "<{'a': [True, 8, 1], 'b': None}>"},
    },
  ],
  [
    'one.real is defined',
    {why: "attributes of Python's own objects are not shown", ours: {value: false, text: '<False>'}},
  ],
  ['[1, 2, 3] | batch(0)', {why: 'a batch of no size is a mistake', ours: {error: 'E_TEMPLATE_TYPE'}}],
]);

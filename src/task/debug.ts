/** `debug`, `set_fact` and `ping`: tasks that tell, remember and answer. */
import {type Data, type DataMap, dataMap} from '../base/data.ts';
import {ok} from '../base/result.ts';
import type {Probe} from './probe.ts';
import {defineKind} from './task.ts';

type Probes = Readonly<Record<string, Probe>>;

/** Ansible's `debug`; with `var` the compiler has put the variable's value in its place. */
export const debugKind = defineKind<{readonly msg?: Data; readonly var?: Data; readonly verbosity?: number}, Probes>({
  name: 'debug',
  summary: 'Shows a message or the value of a variable.',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      msg: {description: 'What to show.'},
      var: {description: 'The variable to show.'},
      verbosity: {type: 'integer', minimum: 0, description: 'Above 0: not shown.'},
    },
  },
  probe: () => ({}),
  plan({msg, var: value, verbosity = 0}) {
    const shown = value ?? msg ?? 'Hello world!';
    const result = dataMap([['msg', shown]]);
    if (verbosity > 0) return ok({kind: 'satisfied', reason: 'only for debugging', result});
    return ok({kind: 'satisfied', reason: 'a message', output: textOf(shown), result});
  },
});

/** A text as it is, anything else as JSON. */
function textOf(data: Data): string {
  if (typeof data === 'string') return data;
  return JSON.stringify(data, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2);
}

/** Ansible's `set_fact`: its result is merged into the host's variables. */
export const setFactKind = defineKind<DataMap, Probes>({
  name: 'set_fact',
  summary: 'Sets variables of a host for the rest of the run.',
  schema: {
    type: 'object',
    minProperties: 1,
    propertyNames: {pattern: '^[A-Za-z_][A-Za-z0-9_]*$'},
    properties: {cacheable: {type: 'boolean'}},
  },
  probe: () => ({}),
  plan(args) {
    const facts = Object.entries(args).filter(([name]) => name !== 'cacheable');
    return ok({kind: 'satisfied', reason: `${facts.map(([name]) => name).join(', ')} set`, result: dataMap(facts)});
  },
});

/** Ansible's `ping`: the host answers a question. */
export const pingKind = defineKind<{readonly data?: string}, Probes>({
  name: 'ping',
  summary: 'Asks whether the host answers.',
  schema: {type: 'object', additionalProperties: false, properties: {data: {type: 'string'}}},
  probe: () => ({system: {kind: 'system'}}),
  plan: ({data = 'pong'}) => ok({kind: 'satisfied', reason: 'the host answers', result: dataMap([['ping', data]])}),
});

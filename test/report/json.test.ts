import {describe, expect, it} from 'vitest';
import {problem} from '../../src/base/diagnostic.ts';
import type {Event} from '../../src/base/event.ts';
import {createJsonReporter} from '../../src/report/json.ts';
import {createLogReporter} from '../../src/report/log.ts';
import {end, finish, ref} from './events.ts';

const file = {path: 'inventory.yml', text: 'a: 1\nb: 2\n'};
const diagnostic = problem('E_X', 'bad', {
  at: {file, start: 8, end: 9},
  hint: 'mend it.',
  related: [{message: 'first', at: {file, start: 3, end: 4}}],
});
const diagnosticJson = {
  code: 'E_X',
  severity: 'error',
  message: 'bad',
  hint: 'mend it.',
  at: {file: 'inventory.yml', line: 2, col: 4},
  related: [{message: 'first', at: {file: 'inventory.yml', line: 1, col: 4}}],
};
const task = ref('a', 'conf', 'render');
const changed = end(task, 'changed', 'content differs', {
  ops: [{kind: 'write', text: 'write /x'}],
  diffs: [{path: '/x', before: undefined, after: 'new'}],
  diagnostics: [diagnostic],
});

function lines(events: readonly Event[], options: {diff: boolean; verbosity: number}): string {
  let text = '';
  const reporter = createJsonReporter(part => (text += part), options);
  for (const event of events) reporter.on(event);
  return text;
}

describe('the JSON view', () => {
  it('writes one event a line, with places as file, line and column', () => {
    const text = lines([{type: 'diagnostic', diagnostic}, changed, finish(2)], {diff: false, verbosity: 0});
    expect(text.endsWith('}\n')).toBe(true);
    expect(
      text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([
      {type: 'diagnostic', diagnostic: diagnosticJson},
      {...changed, diffs: [], diagnostics: [diagnosticJson]},
      {type: 'run-end', exitCode: 2, durationMs: 900, recap: {}},
    ]);
  });

  it('names the number of its form at the start', () => {
    const text = lines(
      [{type: 'run-start', runId: 'r', program: 'p', version: '1', check: false, hosts: [], tasks: 0}],
      {diff: false, verbosity: 0},
    );
    expect(JSON.parse(text)).toEqual({
      type: 'run-start',
      runId: 'r',
      program: 'p',
      version: '1',
      check: false,
      hosts: [],
      tasks: 0,
      schema: 1,
    });
  });

  it('holds files before and after only with --diff', () => {
    expect(JSON.parse(lines([changed], {diff: true, verbosity: 0})).diffs).toEqual([{path: '/x', after: 'new'}]);
  });

  it('holds traces up to the level of -v', () => {
    const traces = ([1, 2, 3] as const).map(level => ({type: 'trace', level, text: `${level}`}) as const);
    expect(lines(traces, {diff: false, verbosity: 2}).trimEnd().split('\n')).toEqual([
      '{"type":"trace","level":1,"text":"1"}',
      '{"type":"trace","level":2,"text":"2"}',
    ]);
  });

  it('escapes what could act on a terminal', () => {
    expect(lines([{type: 'trace', level: 1, text: '\x1b[2J\x9b2J\u202e'}], {diff: false, verbosity: 1})).toBe(
      '{"type":"trace","level":1,"text":"\\u001b[2J\\u009b2J\\u202e"}\n',
    );
  });
});

describe('the log', () => {
  it('begins each line with the time and keeps traces and diffs', () => {
    let text = '';
    const reporter = createLogReporter(
      part => (text += part),
      () => new Date(0),
    );
    reporter.on({type: 'trace', level: 3, text: 'x'});
    reporter.on(changed);
    const [first, second] = text.split('\n');
    expect(first).toBe('{"time":"1970-01-01T00:00:00.000Z","type":"trace","level":3,"text":"x"}');
    expect(JSON.parse(second ?? '').diffs).toEqual([{path: '/x', after: 'new'}]);
  });
});

/** What a check run keeps for a plan, and what a guarded run may do. */
import {describe, expect, it} from 'vitest';
import {dataMap} from '../../src/base/data.ts';
import {problem} from '../../src/base/diagnostic.ts';
import type {Guard} from '../../src/execute/decide.ts';
import {breach} from '../../src/plan/guard.ts';
import type {PlannedTask} from '../../src/plan/saved-plan.ts';
import {opRecord} from '../../src/task/op-record.ts';
import type {Task} from '../../src/task/task.ts';
import {command, directory, FakeFleet, task} from '../helpers/fake-fleet.ts';

async function plan(tasks: readonly Task[], fleet = new FakeFleet()) {
  const {decided} = await fleet.execute(tasks, {check: true, keepDecisions: true});
  if (decided === undefined) throw new Error('nothing was kept');
  return decided;
}

const lines = (tasks: readonly PlannedTask[]) =>
  tasks.map(
    ({id, status, later, ops}) => `${id} ${status}${later ? ' later' : ''}: ${ops.map(({text}) => text).join('; ')}`,
  );

describe('a check run that is kept', () => {
  it('tells each decision with its operations, and each machine', async () => {
    const fleet = new FakeFleet();
    fleet.directories.add('h1:/b');
    const {tasks, state} = await plan([directory('a', 'h1'), directory('b', 'h1'), directory('a', 'h2')], fleet);
    expect(lines(tasks)).toEqual(['a@h1 changed: make directory /a', 'b@h1 ok: ', 'a@h2 changed: make directory /a']);
    expect(tasks[0]).toMatchObject({
      causes: [{code: 'path_missing', detail: '/a'}],
      ops: [{op: {kind: 'directory', path: '/a', parents: true}}],
    });
    expect(state).toEqual({
      clusters: {},
      hosts: {
        h1: {machineId: 'machine-of-h1', bootId: 'boot-of-h1'},
        h2: {machineId: 'machine-of-h2', bootId: 'boot-of-h2'},
      },
    });
  });

  it('asks each host once, the machine too', async () => {
    const fleet = new FakeFleet();
    await plan([directory('a', 'h1'), directory('b', 'h1')], fleet);
    expect(fleet.trips).toEqual([{host: 'h1', requests: ['stats', 'system ']}]);
  });

  const late = (path: string, when: string[] = []) => ({
    late: {
      args: dataMap([
        ['path', path],
        ['state', 'directory'],
      ]),
      when,
      vars: dataMap(),
    },
  });
  it.each<[string, Task[], string[]]>([
    [
      'what an earlier operation of the host touches',
      [
        directory('a', 'h1'),
        task('again', 'h1', 'file', {path: '/a', state: 'directory'}),
        task('again', 'h2', 'file', {path: '/a', state: 'directory'}),
      ],
      [
        'a@h1 changed: make directory /a',
        'again@h1 changed later: make directory /a',
        'again@h2 changed: make directory /a',
      ],
    ],
    [
      'everything on a host after a command, which may change anything',
      [command('go', 'h1', ['go']), directory('a', 'h1'), directory('a', 'h2')],
      ['go@h1 changed: run go', 'a@h1 changed later: make directory /a', 'a@h2 changed: make directory /a'],
    ],
    [
      'what needs the result of a task that was not run',
      [command('ask', 'h1', ['ask'], {register: 'r'}), directory('x', 'h1', late('/{{ r.stdout }}', ['r.rc == 0']))],
      ['ask@h1 changed: run ask', 'x@h1 undecided later: '],
    ],
    [
      'a handler of a task that is decided later',
      [
        directory('a', 'h1'),
        command('no', 'h1', ['no'], {onlyIfChanged: ['a@h1']}),
        task('again', 'h1', 'file', {path: '/a', state: 'directory'}),
        command('handle', 'h1', ['go'], {onlyIfChanged: ['again@h1']}),
      ],
      [
        'a@h1 changed: make directory /a',
        'no@h1 changed: run no',
        'again@h1 changed later: make directory /a',
        'handle@h1 changed later: run go',
      ],
    ],
  ])('leaves open %s', async (_, tasks, expected) => {
    expect(lines((await plan(tasks)).tasks)).toEqual(expected);
  });

  it('shows nothing of a task that may not be logged', async () => {
    const {tasks} = await plan([
      command('set', 'h1', ['passwd', 'hunter2'], {noLog: true}),
      task('file', 'h1', 'copy', {dest: '/s', content: 'hunter2\n'}, {noLog: true}),
      task('secret', 'h1', 'copy', {dest: '/t', content: 'hunter2\n', secret: true}),
    ]);
    expect(JSON.stringify(tasks)).not.toContain('hunter2');
    expect(tasks.map(({ops}) => ops[0]?.op)).toEqual([
      {kind: 'command'},
      {kind: 'write', path: '/s'},
      {kind: 'write', path: '/t', content: '[REDACTED]'},
    ]);
  });

  it('is the same whichever host answers first', async () => {
    const tasks = ['h1', 'h2', 'h3'].flatMap(host => [directory('a', host), command('go', host, ['go'])]);
    expect(await plan(tasks)).toEqual(await plan(tasks));
  });
});

describe('a run with a guard', () => {
  const guardOf = (tasks: readonly PlannedTask[]): Guard => {
    const planned = new Map(tasks.map(one => [one.id, one]));
    return ({id, noLog = false}, ops) =>
      breach(
        planned.get(id),
        id,
        ops.map(op => opRecord(op, noLog)),
      );
  };

  it('does what was planned', async () => {
    const tasks = [directory('a', 'h1'), command('go', 'h1', ['go']), directory('b', 'h1')];
    const {tasks: planned} = await plan(tasks);
    const fleet = new FakeFleet();
    expect(await fleet.run(tasks, {guard: guardOf(planned)})).toBe(0);
    expect(fleet.changes.flatMap(({requests}) => requests)).toEqual(['directory /a', 'exec go', 'directory /b']);
  });

  it('stops the host before an operation that was not planned, with exit code 3; other hosts go on', async () => {
    const tasks = ['h1', 'h2'].flatMap(host => [directory('a', host), directory('b', host), directory('c', host)]);
    const before = new FakeFleet();
    before.directories.add('h1:/b').add('h2:/b');
    const {tasks: planned} = await plan(tasks, before);
    const fleet = new FakeFleet();
    // Somebody has removed /b on h1 since.
    fleet.directories.add('h2:/b');
    expect(await fleet.run(tasks, {guard: guardOf(planned)})).toBe(3);
    expect(fleet.ends.sort()).toEqual([
      'a@h1 changed',
      'a@h2 changed',
      'b@h1 refused',
      'b@h2 ok',
      'c@h1 blocked',
      'c@h2 changed',
    ]);
    expect(fleet.reason('b@h1')).toBe('the plan says "ok" (already as wanted); now it would make directory /b');
  });

  it('is not asked about a task that has nothing to do', async () => {
    const fleet = new FakeFleet();
    fleet.directories.add('h1:/a');
    const guard = () => problem('E_PLAN_BREACH', 'no', {hint: 'no'});
    expect(await fleet.run([directory('a', 'h1')], {guard})).toBe(0);
  });
});

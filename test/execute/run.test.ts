import {describe, expect, it} from 'vitest';
import {dataMap} from '../../src/base/data.ts';
import {command, directory, FakeFleet, task} from '../helpers/fake-fleet.ts';

const late = (args: Record<string, string>, when: string[] = []) => ({
  late: {args: dataMap(Object.entries(args)), when, vars: dataMap()},
});

describe('round trips', () => {
  it('are one for a host where nothing is to be done', async () => {
    const fleet = new FakeFleet();
    for (const name of ['a', 'b', 'c']) fleet.directories.add(`h1:/${name}`);
    expect(await fleet.run(['a', 'b', 'c'].map(name => directory(name, 'h1')))).toBe(0);
    expect(fleet.trips).toEqual([{host: 'h1', requests: ['stats']}]);
    expect(fleet.ends).toEqual(['a@h1 ok', 'b@h1 ok', 'c@h1 ok']);
    expect(fleet.closed).toBe(1);
  });

  it('are three for independent changes: a question, the same with the hosts locked, and one batch', async () => {
    const fleet = new FakeFleet();
    expect(await fleet.run(['a', 'b', 'c'].map(name => directory(name, 'h1')))).toBe(0);
    expect(fleet.trips).toEqual([
      {host: 'h1', requests: ['stats']},
      {host: 'h1', requests: ['stats']},
      {host: 'h1', requests: ['directory /a', 'directory /b', 'directory /c']},
    ]);
  });

  it('ask again only about what an operation touched', async () => {
    const fleet = new FakeFleet();
    const again = task('again', 'h1', 'file', {path: '/a', state: 'directory'});
    await fleet.run([directory('a', 'h1'), directory('b', 'h1'), again]);
    expect(fleet.trips.map(({requests}) => requests)).toEqual([
      ['stats'],
      ['stats'],
      ['directory /a', 'directory /b'],
      ['stat /a'],
    ]);
    expect(fleet.ends).toEqual(['a@h1 changed', 'b@h1 changed', 'again@h1 ok']);
  });
});

describe('a failure', () => {
  it('ends the batch there, blocks the rest of its host, and leaves other hosts alone', async () => {
    const fleet = new FakeFleet();
    const tasks = ['h1', 'h2'].flatMap(host => [
      directory('a', host),
      directory(host === 'h1' ? 'forbidden' : 'b', host),
      directory('c', host),
    ]);
    expect(await fleet.run(tasks)).toBe(2);
    expect(fleet.ends.filter(text => text.includes('h1'))).toEqual([
      'a@h1 changed',
      'forbidden@h1 failed',
      'c@h1 blocked',
    ]);
    expect(fleet.ends.filter(text => text.includes('h2'))).toEqual(['a@h2 changed', 'b@h2 changed', 'c@h2 changed']);
    expect([...fleet.directories].sort()).toEqual(['h1:/a', 'h2:/a', 'h2:/b', 'h2:/c']);
  });

  it('that is ignored lets the host go on', async () => {
    const fleet = new FakeFleet();
    const tasks = [directory('forbidden', 'h1', {ignoreErrors: true}), directory('b', 'h1')];
    expect(await fleet.run(tasks)).toBe(0);
    expect(fleet.ends).toEqual(['forbidden@h1 failed ignored', 'b@h1 changed']);
  });

  it('of the connection makes the host unreachable and the exit code 4', async () => {
    const fleet = new FakeFleet({unreachable: ['h1']});
    expect(await fleet.run([directory('a', 'h1'), directory('b', 'h1'), directory('a', 'h2')])).toBe(4);
    expect(fleet.ends.sort()).toEqual(['a@h1 unreachable', 'a@h2 changed', 'b@h1 blocked']);
    expect(fleet.events.filter(({type}) => type === 'host-unreachable')).toHaveLength(1);
  });

  it('of the connection in the middle of a batch blocks what needs it, on other hosts too', async () => {
    const fleet = new FakeFleet({dieAt: {h1: 'directory'}});
    const tasks = [directory('a', 'h1'), directory('b', 'h2', {needs: ['a@h1']})];
    expect(await fleet.run(tasks)).toBe(4);
    expect(fleet.ends).toEqual(['a@h1 unreachable', 'b@h2 blocked']);
  });

  it('weighs more than a lost host', async () => {
    const fleet = new FakeFleet({unreachable: ['h1']});
    expect(await fleet.run([directory('a', 'h1'), directory('forbidden', 'h2')])).toBe(2);
  });
});

describe('an operator who interrupts', () => {
  it('gets the step in hand finished, nothing new begun, and 130', async () => {
    const stop = new AbortController();
    const first = () => {
      stop.abort();
      return {rc: 0, stdout: ''};
    };
    const fleet = new FakeFleet({}, {first});
    const tasks = [command('one', 'h1', ['first']), command('two', 'h1', ['second'])];
    expect(await fleet.run(tasks, {signal: stop.signal})).toBe(130);
    expect(fleet.ends).toEqual(['one@h1 changed', 'two@h1 blocked']);
    expect(fleet.changes.map(({requests}) => requests)).toEqual([['exec first']]);
  });
});

describe('a check run', () => {
  it('sends nothing that changes, and tells what would', async () => {
    const fleet = new FakeFleet();
    expect(await fleet.run([directory('a', 'h1'), command('go', 'h1', ['go'])], {check: true})).toBe(0);
    expect(fleet.changes).toEqual([]);
    expect(fleet.ends[0]).toBe('a@h1 changed');
  });
});

describe('results', () => {
  it('reach late tasks: a false condition skips, a true one runs with rendered arguments', async () => {
    const fleet = new FakeFleet({}, {which: () => ({rc: 0, stdout: 'here\n'})});
    const tasks = [
      command('ask', 'h1', ['which'], {register: 'found'}),
      directory('no', 'h1', late({path: '/no', state: 'directory'}, ["found.stdout == 'elsewhere'"])),
      directory('yes', 'h1', late({path: '/{{ found.stdout }}', state: 'directory'}, ["found.stdout == 'here'"])),
    ];
    expect(await fleet.run(tasks)).toBe(0);
    expect(fleet.ends).toEqual(['ask@h1 changed', 'no@h1 skipped', 'yes@h1 changed']);
    expect([...fleet.directories]).toEqual(['h1:/here']);
  });

  it('say what changed_when and failed_when made of them', async () => {
    const fleet = new FakeFleet({}, {grep: () => ({rc: 1, stdout: ''})});
    const tasks = [
      command('ask', 'h1', ['grep'], {register: 'r', failedWhen: ['r.rc > 1'], changedWhen: ['false']}),
      directory('x', 'h1', late({path: '/x', state: 'directory'}, ['r is changed or r is failed'])),
    ];
    expect(await fleet.run(tasks)).toBe(0);
    expect(fleet.ends).toEqual(['ask@h1 ok', 'x@h1 skipped']);
  });

  it('of a failed_when that holds fail the task', async () => {
    const fleet = new FakeFleet();
    expect(await fleet.run([command('ask', 'h1', ['true'], {register: 'r', failedWhen: ['r.rc == 0']})])).toBe(2);
  });

  it('of the items of a loop are kept in order under one name', async () => {
    const fleet = new FakeFleet({}, {say: (_, call) => ({rc: 0, stdout: `${call}\n`})});
    const items = [0, 1, 2].map(n => command(`say[${n}]`, 'h1', ['say'], {register: 'said'}));
    const use = directory(
      'use',
      'h1',
      late({path: "/{{ said.results | map(attribute='stdout') | join('-') }}", state: 'directory'}),
    );
    expect(await fleet.run([...items, use])).toBe(0);
    expect([...fleet.directories]).toEqual(['h1:/1-2-3']);
  });

  it('are asked for again until the condition holds', async () => {
    const fleet = new FakeFleet({}, {up: (_, call) => ({rc: 0, stdout: call < 3 ? 'no' : 'yes'})});
    const until = (retries: number) => ({conditions: ["r.stdout == 'yes'"], retries, delaySeconds: 0});
    expect(await fleet.run([command('up', 'h1', ['up'], {register: 'r', until: until(5)})])).toBe(0);
    expect(fleet.changes).toHaveLength(3);
    const never = new FakeFleet();
    expect(await never.run([command('up', 'h1', ['up'], {register: 'r', until: until(2)})])).toBe(2);
    expect(never.changes).toHaveLength(3);
  });
});

describe('handlers', () => {
  it.each([
    ['run when a task that notified them has changed something', false, 'handle@h1 changed'],
    ['are skipped when nothing has changed', true, 'handle@h1 skipped'],
  ])('%s', async (_, isThere, end) => {
    const fleet = new FakeFleet();
    if (isThere) fleet.directories.add('h1:/a');
    await fleet.run([directory('a', 'h1'), command('handle', 'h1', ['go'], {onlyIfChanged: ['a@h1']})]);
    expect(fleet.ends.at(-1)).toBe(end);
  });
});

import {expect, it} from 'vitest';
import {directory, FakeFleet} from '../helpers/fake-fleet.ts';

it('a host whose tasks all wait for a change elsewhere is neither connected to nor spoken of until there is one', async () => {
  const quiet = {...directory('b', 'h2'), needs: ['a@h1'], onlyIfChanged: ['a@h1']};
  const fleet = new FakeFleet();
  fleet.directories.add('h1:/a');
  expect(await fleet.run([directory('a', 'h1'), quiet])).toBe(0);
  expect(fleet.ends).toEqual(['a@h1 ok']);
  expect(fleet.trips.map(({host}) => host)).toEqual(['h1']);
  const [start] = fleet.events;
  expect(start?.type === 'run-start' && start.hosts).toEqual(['h1']);

  fleet.directories.clear();
  fleet.events.length = 0;
  expect(await fleet.run([directory('a', 'h1'), quiet])).toBe(0);
  expect(fleet.ends).toEqual(['a@h1 changed', 'b@h2 changed']);
  const end = fleet.events.at(-1);
  expect(end?.type === 'run-end' && end.recap['h2']?.changed).toBe(1);
});

import {describe, expect, it} from 'vitest';
import {directory, FakeFleet} from '../helpers/fake-fleet.ts';

describe('many hosts', () => {
  it('are never worked on more at a time than --forks says', async () => {
    const fleet = new FakeFleet();
    const hosts = Array.from({length: 20}, (_, index) => `h${index}`);
    expect(
      await fleet.run(
        hosts.map(host => directory('a', host)),
        {forks: 3},
      ),
    ).toBe(0);
    expect(fleet.mostBusy).toBe(3);
  });

  it('where nothing is to be done cost one round trip each and little time', async () => {
    const fleet = new FakeFleet();
    const tasks = Array.from({length: 1000}, (_, index) => `h${index}`).flatMap(host =>
      Array.from({length: 20}, (_, index) => {
        fleet.directories.add(`${host}:/d${index}`);
        return directory(`d${index}`, host);
      }),
    );
    const start = performance.now();
    expect(await fleet.run(tasks)).toBe(0);
    expect(performance.now() - start).toBeLessThan(15_000);
    expect(fleet.trips).toHaveLength(1000);
    expect(fleet.ends.every(end => end.endsWith(' ok'))).toBe(true);
  }, 30_000);
});

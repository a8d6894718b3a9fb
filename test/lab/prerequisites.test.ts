import {expect, test} from 'vitest';
import {ensurePrerequisites, type Machine} from '../../src/lab/prerequisites.ts';

/** A root Linux machine that lacks some commands; apt-get install brings what `installable` names. */
function machine(lacks: string[], installable: Record<string, string[]> = {}, more: Partial<Machine> = {}) {
  const missing = new Set(lacks);
  const ran: string[] = [];
  const said: string[] = [];
  const fake: Machine = {
    platform: 'linux',
    uid: 0,
    has: what => !missing.has(what),
    run: async argv => {
      ran.push(argv.join(' '));
      const packages = argv.slice(argv.indexOf('install') + 1);
      if (!argv.includes('install')) return {code: 0, stderr: ''};
      const unknown = packages.find(name => installable[name] === undefined);
      if (unknown !== undefined) return {code: 100, stderr: `reading...\nE: Unable to locate package ${unknown}\n`};
      for (const name of packages) for (const what of installable[name] ?? []) missing.delete(what);
      return {code: 0, stderr: ''};
    },
    ...more,
  };
  return {fake, ran, said, check: () => ensurePrerequisites(text => said.push(text), fake)};
}

const message = async (check: ReturnType<ReturnType<typeof machine>['check']>) => {
  const result = await check;
  return result.ok ? 'ready' : result.error.map(one => one.message);
};

test('a machine that has everything is ready, and nothing is run or said', async () => {
  const {check, ran, said} = machine([]);
  expect(await message(check())).toBe('ready');
  expect({ran, said}).toEqual({ran: [], said: []});
});

test('missing packages are installed in one go, and it is said which', async () => {
  const {check, ran, said} = machine(['debootstrap', 'ssh', 'ssh-keygen'], {
    debootstrap: ['debootstrap'],
    'openssh-client': ['ssh', 'ssh-keygen'],
  });
  expect(await message(check())).toBe('ready');
  expect(ran).toEqual(['apt-get -q -y --no-install-recommends install debootstrap openssh-client']);
  expect(said).toEqual(['installing with apt-get: debootstrap openssh-client']);
});

test('a package that apt does not know is named, after the package lists were read once more', async () => {
  const {check, ran} = machine(['systemd-nspawn']);
  expect(await message(check())).toEqual([
    'apt-get could not install systemd-container: E: Unable to locate package systemd-container',
  ]);
  expect(ran).toEqual([
    'apt-get -q -y --no-install-recommends install systemd-container',
    'apt-get -q update',
    'apt-get -q -y --no-install-recommends install systemd-container',
  ]);
});

test('without apt-get the missing packages are named', async () => {
  const {check, ran} = machine(['apt-get', 'ip', 'debootstrap']);
  expect(await message(check())).toEqual([
    'the lab needs debootstrap, iproute2, and this machine has no apt-get to install them',
  ]);
  expect(ran).toEqual([]);
});

test('another system, and another user, are refused in one sentence before anything is run', async () => {
  const mac = machine(['debootstrap'], {}, {platform: 'darwin'});
  expect(await message(mac.check())).toEqual(['the lab needs Linux, and this is darwin']);
  const user = machine(['debootstrap'], {}, {uid: 1000});
  expect(await message(user.check())).toEqual(['the lab needs root, and this is user 1000']);
  expect([...mac.ran, ...user.ran]).toEqual([]);
});

import {describe, expect, it} from 'vitest';
import {commandLine, publicCommandLine} from '../../src/cli/command-line.ts';
import {identityOf, leaseSecondsOf} from '../../src/cli/identity.ts';
import {parseOptions} from '../../src/cli/options.ts';
import {peersOf} from '../../src/cli/targets.ts';
import {testWorld} from './world.ts';

describe('the command line as a text', () => {
  it.each([
    [['etcd.yml', '-l', 'h1'], 'etcdctl-play etcd.yml -l h1', 'etcdctl-play etcd.yml -l h1'],
    [['-l', 'a b', "it's"], `etcdctl-play -l 'a b' 'it'\\''s'`, `etcdctl-play -l 'a b' 'it'\\''s'`],
    [['-e', 'a=1 pw=x'], `etcdctl-play -e 'a=1 pw=x'`, `etcdctl-play -e 'a=… pw=…'`],
    [['-ea=1', '--extra-vars=b=2'], 'etcdctl-play -ea=1 --extra-vars=b=2', 'etcdctl-play -ea=… --extra-vars=b=…'],
    [['-e', '{"pw": "x"}'], `etcdctl-play -e '{"pw": "x"}'`, `etcdctl-play -e '… …'`],
    [['-e', "pw='two words'"], `etcdctl-play -e 'pw='\\''two words'\\'''`, `etcdctl-play -e 'pw=… …'`],
    [['-e', '@vars.yml'], 'etcdctl-play -e @vars.yml', 'etcdctl-play -e @vars.yml'],
  ])('%j is quoted for a shell, and shown to others without values', (argv, whole, shown) => {
    expect([commandLine(argv), publicCommandLine(argv)]).toEqual([whole, shown]);
  });
});

describe('the identity of a run', () => {
  it('is three lines, whoever runs it and whatever the arguments hold', () => {
    const world = testWorld({argv: ['etcd.yml\n\u001b[2J'], env: {SUDO_USER: 'alice\nroot'}, now: () => 0});
    const {who, since, command} = identityOf(world, 30);
    expect(who).toMatch(/^alice root as \S+@\S+ \(pid \d+\)$/);
    expect(since).toBe('1970-01-01T00:00:00Z');
    expect(command).toBe("etcdctl-play 'etcd.yml '");
  });

  it.each([
    [undefined, 30, 0],
    ['', 30, 0],
    ['3', 3, 0],
    ['2', 30, 1],
    ['3601', 30, 1],
    ['1e3', 30, 1],
    ['soon', 30, 1],
  ])('ETCDCTL_PLAY_LOCK_SECONDS=%s means %i seconds', (value, seconds, warnings) => {
    const lease = leaseSecondsOf({ETCDCTL_PLAY_LOCK_SECONDS: value});
    expect([lease.seconds, lease.warnings.length]).toEqual([seconds, warnings]);
  });
});

describe('the rest of a cluster', () => {
  it('can be reached, too, and a mistake there is kept for those who need it', async () => {
    const world = testWorld({argv: ['etcd.yml']});
    const parsed = parseOptions(world);
    if (parsed.kind !== 'run') throw new Error('no options');
    const limited = {limited: true, cluster: 'main'} as const;
    const peers = await peersOf(
      [
        {name: 'h1', cluster: 'main', connection: {}},
        {name: 'h2', ...limited, connection: {ansible_host: {value: '10.0.0.2'}}},
        {name: 'h3', ...limited, connection: {ansible_connection: {value: 'carrier-pigeon'}}},
        {name: 'h4', limited: true, connection: {}},
      ],
      {},
      parsed.options,
      world,
    );
    expect([...peers.keys()]).toEqual(['h2', 'h3']);
    expect(peers.get('h2')).toMatchObject({cluster: 'main', target: {address: '10.0.0.2'}});
    expect(peers.get('h3')?.target).toBeUndefined();
    expect(peers.get('h3')?.problem?.message).toContain('carrier-pigeon');
  });
});

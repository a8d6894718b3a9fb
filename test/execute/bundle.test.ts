import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {bundle} from '../../src/execute/bundle.ts';
import {factFromReply, requestForProbe} from '../../src/execute/host-probe.ts';
import type {Probe} from '../../src/task/probe.ts';
import type {HostTarget, Reply} from '../../src/transport/connection.ts';
import {connectLocal} from '../../src/transport/local.ts';

const dir = mkdtempSync(join(tmpdir(), 'etcdctl-play-bundle-'));
afterAll(() => rmSync(dir, {recursive: true, force: true}));
const TARGET: HostTarget = {name: 'here', connection: 'local', address: '127.0.0.1', port: 22, options: {}};

function layOut(): Probe[] {
  writeFileSync(join(dir, 'plain'), 'one\ntwo\n');
  writeFileSync(join(dir, 'no newline'), 'x');
  writeFileSync(join(dir, "quote'and$(x)"), 'data');
  writeFileSync(join(dir, 'back\\slash'), 'data');
  writeFileSync(join(dir, 'empty'), '');
  writeFileSync(join(dir, 'binary'), Buffer.from([0, 255, 10, 13, 0]));
  writeFileSync(join(dir, 'big'), 'y'.repeat(1_048_577));
  mkdirSync(join(dir, 'folder'), {recursive: true});
  chmodSync(join(dir, 'folder'), 0o2750);
  symlinkSync('plain', join(dir, 'link'));
  symlinkSync('/nowhere', join(dir, 'dangling'));
  const names = [
    'plain',
    'no newline',
    "quote'and$(x)",
    'back\\slash',
    'empty',
    'binary',
    'big',
    'folder',
    'link',
    'dangling',
    'absent',
    'plain/below',
  ];
  const contents = ['none', 'sha256', 'text'] as const;
  return names.flatMap(name => contents.map(content => ({kind: 'path' as const, path: join(dir, name), content})));
}

describe('bundle', () => {
  it('answers many paths as each alone would be answered', async () => {
    const probes = layOut();
    const connection = connectLocal(TARGET);
    const bundles = bundle(probes);
    const replies = await connection.run(bundles.map(({request}) => request));
    const together = bundles.flatMap((one, index) => [...one.read(replies[index] as Reply)]);
    const alone = await connection.run(probes.map(probe => requestForProbe(probe) ?? {verb: 'ping', args: []}));
    await connection.close();
    expect(together.map(({probe}) => probe)).toEqual(probes);
    expect(together.map(({fact}) => fact)).toEqual(
      probes.map((probe, index) => factFromReply(probe, alone[index] as Reply)),
    );
    expect(together.filter(({fact}) => !fact.ok)).toEqual([]);
    expect(bundles.length).toBeLessThan(8);
  });

  it('leaves other questions as they are', () => {
    const probes: Probe[] = [
      {kind: 'unit', unit: 'etcd.service'},
      {kind: 'path', path: '/etc/hosts'},
      {kind: 'user', name: 'etcd'},
    ];
    expect(bundle(probes).map(({request}) => request.verb)).toEqual(['stat', 'unit', 'user']);
  });
});

import {type ChildProcess, spawn} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {factFromReply, requestForProbe} from '../../src/execute/host-probe.ts';
import type {ProcessFact} from '../../src/task/fact.ts';
import type {Reply, Request} from '../../src/transport/connection.ts';
import {connectLocal} from '../../src/transport/local.ts';
import {findShells, LOCAL, type Shell} from './shells.ts';

const dir = mkdtempSync(join(tmpdir(), 'agent-process-'));
const shells = findShells(dir);
const probe = {kind: 'process', unit: 'etcd.service'} as const;
const shown = join(dir, 'shown');
let child: ChildProcess;

beforeAll(() => {
  const systemctl = join(dir, 'bin/systemctl');
  mkdirSync(join(dir, 'bin'));
  writeFileSync(systemctl, `#!/bin/sh\ncat '${shown}'\n`);
  chmodSync(systemctl, 0o755);
  writeFileSync(join(dir, 'own.conf'), '[Service]\nNice=1\n# ETCD_\n');
  child = spawn('/bin/sleep', ['300'], {env: {ETCD_NAME: 'a\nETCD_FAKE=b', OTHER: 'ETCD_X', ETCD_LOG_LEVEL: ''}});
});
afterAll(() => {
  child.kill();
  rmSync(dir, {recursive: true});
});

/** What the agent in a shell tells of a unit whose `systemctl show` has these lines. */
async function ask({command}: Shell, lines: readonly string[]): Promise<ProcessFact | string> {
  writeFileSync(shown, `${['LoadState=loaded', 'ActiveState=active', ...lines].join('\n')}\n`);
  const path = command.find(word => word.startsWith('PATH='))?.slice(5) ?? process.env['PATH'];
  const words = command.filter(word => word !== '/usr/bin/env' && !word.startsWith('PATH='));
  const host = connectLocal(LOCAL, ['/usr/bin/env', `PATH=${join(dir, 'bin')}:${path}`, ...words]);
  try {
    const [reply] = await host.run([requestForProbe(probe) as Request]);
    const fact = factFromReply(probe, reply as Reply);
    return fact.ok ? (fact.value as ProcessFact) : fact.error;
  } finally {
    await host.close();
  }
}

describe.each(shells)('a process, asked of the agent under $name', shell => {
  it('comes with program, words, names of variables, start and drop-ins', async () => {
    const started = 'ExecMainStartTimestampMonotonic=1000000';
    const fact = await ask(shell, [`MainPID=${child.pid}`, started, `DropInPaths=${dir}/own.conf /no/such.conf`]);
    expect(fact).toMatchObject({
      unit: {active: 'active', mainPid: child.pid},
      dropIns: [
        {path: `${dir}/own.conf`, text: '[Service]\nNice=1\n# ETCD_'},
        {path: '/no/such.conf', text: ''},
      ],
      main: {
        pid: child.pid,
        program: readlinkSync(`/proc/${child.pid}/exe`),
        isDeleted: false,
        argv: ['/bin/sleep', '300'],
        etcdVariables: ['ETCD_NAME', 'ETCD_FAKE', 'ETCD_LOG_LEVEL'],
      },
    });
    const startedAt = (fact as ProcessFact).main?.startedAt ?? 0;
    expect(startedAt).toBeGreaterThan(0);
    expect(startedAt).toBeLessThan(Date.now() / 1000 + 60);
  });

  it('is absent where the unit runs none, or it has just ended', async () => {
    for (const lines of [['MainPID=0'], [], ['MainPID=4194999', 'DropInPaths=']]) {
      const fact = await ask(shell, lines);
      expect(fact).toMatchObject({dropIns: []});
      expect(fact).not.toHaveProperty('main');
    }
  });
});

it('a program whose file is gone is told so, and nonsense is refused', () => {
  const reply = (stdout: string): Reply => ({rc: 0, stdout: Buffer.from(stdout), stderr: '', skipped: false});
  const unit = 'LoadState=loaded\nActiveState=active\nMainPID=7\nExecMainStartTimestampMonotonic=5000000\n';
  expect(factFromReply(probe, reply(`${unit}\x001000 100.5\0\0/opt/etcd (deleted)\0\0etcd\0`))).toMatchObject({
    ok: true,
    value: {main: {program: '/opt/etcd', isDeleted: true, argv: ['etcd'], startedAt: 904.5}},
  });
  for (const text of ['', unit, `${unit}\0x y\0\0`, `${unit}\x001000 1\0`])
    expect(factFromReply(probe, reply(text))).toMatchObject({ok: false});
});

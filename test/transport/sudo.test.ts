import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import type {Request} from '../../src/transport/connection.ts';
import {connectLocal} from '../../src/transport/local.ts';
import {LOCAL} from './shells.ts';

/** A login user who is not root, and a sudo that asks for a password as the real one does; both count what happens. */
const ID = `#!/bin/sh
case $1 in -un) echo ops ;; *) echo 1000 ;; esac
`;
const SUDO = `#!/bin/sh
echo call >>"$FAKE/log"
how=ask
while [ $# -gt 0 ]; do
  case $1 in
    -n) how=never ;;
    -p) prompt=$2; shift ;;
    -u) echo "user $2" >>"$FAKE/log"; shift ;;
    --) shift; break ;;
  esac
  shift
done
[ "$FAKE_MODE" = nopasswd ] && exec "$@"
[ "$FAKE_MODE" = denied ] && { echo 'ops is not in the sudoers file.' >&2; exit 1; }
[ $how = never ] && { echo 'sudo: a password is required' >&2; exit 1; }
echo 'We trust you have received the usual lecture.' >&2
for attempt in 1 2 3; do
  printf '%s' "$prompt" >&2
  IFS= read -r password || exit 1
  echo "attempt $attempt" >>"$FAKE/log"
  [ "$password" = 'c0rrect "horse" $x' ] && exec "$@"
  echo 'Sorry, try again.' >&2
done
`;

describe('becoming another user', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sudo-'));
  const log = join(dir, 'log');
  beforeAll(() => {
    mkdirSync(join(dir, 'bin'));
    for (const [name, text] of [
      ['id', ID],
      ['sudo', SUDO],
    ] as const) {
      writeFileSync(join(dir, 'bin', name), text);
      chmodSync(join(dir, 'bin', name), 0o755);
    }
  });
  afterAll(() => rmSync(dir, {recursive: true}));

  const host = (mode: string, password?: string) =>
    connectLocal({...LOCAL, ...(password === undefined ? {} : {becomePassword: new Secret(password)})}, [
      '/usr/bin/env',
      `FAKE=${dir}`,
      `FAKE_MODE=${mode}`,
      `PATH=${join(dir, 'bin')}:/usr/bin:/bin`,
      '/bin/sh',
    ]);
  const hello: Request = {verb: 'exec', args: ['0', '', '0', 'echo', 'hello']};
  const outcome = async (mode: string, password?: string, as = 'root') => {
    rmSync(log, {force: true});
    const connection = host(mode, password);
    const first = await connection.run([hello, hello], {as}).then(
      replies => replies.map(reply => reply.stdout.toString()).join(''),
      (error: {diagnostic?: {code: string}}) => error.diagnostic?.code,
    );
    // Once more: a refusal is remembered, nothing is sent again.
    const second = await connection.run([hello], {as}).then(
      replies => replies.map(reply => reply.stdout.toString()).join(''),
      (error: {diagnostic?: {code: string}}) => error.diagnostic?.code,
    );
    await connection.close();
    let said = '';
    try {
      said = readFileSync(log, 'utf8');
    } catch {
      // Nobody called sudo.
    }
    return [first, second, said];
  };

  it('needs no password where none is asked for, given or not', async () => {
    expect(await outcome('nopasswd')).toEqual(['hello\nhello\n', 'hello\n', 'call\nuser root\n']);
    expect(await outcome('nopasswd', 'unused', 'etcd')).toEqual(['hello\nhello\n', 'hello\n', 'call\nuser etcd\n']);
  });

  it('sends the password only when it is asked for, through a lecture, with every character', async () => {
    expect(await outcome('ask', 'c0rrect "horse" $x')).toEqual([
      'hello\nhello\n',
      'hello\n',
      'call\nuser root\nattempt 1\n',
    ]);
  });

  it('sends a wrong password once, and never again', async () => {
    expect(await outcome('ask', 'wrong')).toEqual([
      'E_SUDO_WRONG_PASSWORD',
      'E_SUDO_WRONG_PASSWORD',
      'call\nuser root\nattempt 1\n',
    ]);
  });

  it('says that a password is wanted, or that the user may not', async () => {
    expect(await outcome('ask')).toEqual(['E_SUDO_PASSWORD', 'E_SUDO_PASSWORD', 'call\nuser root\n']);
    expect(await outcome('denied', 'x')).toEqual(['E_SUDO_DENIED', 'E_SUDO_DENIED', 'call\nuser root\n']);
  });

  it('does not call sudo for the user who is logged in', async () => {
    expect(await outcome('denied', undefined, 'ops')).toEqual(['hello\nhello\n', 'hello\n', '']);
    expect(await outcome('denied', 'unused', 'ops')).toEqual(['hello\nhello\n', 'hello\n', '']);
  });
});

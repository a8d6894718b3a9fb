import {spawnSync} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {AGENT_PARTS, agentTexts, LATER_PARTS, loadAgent, packed} from '../../src/transport/agent-text.ts';
import type {Connection, Reply, Request} from '../../src/transport/connection.ts';
import {connectLocal} from '../../src/transport/local.ts';
import {findShells, LOCAL, which} from './shells.ts';

const dir = mkdtempSync(join(tmpdir(), 'agent-'));
const shells = findShells(dir);
afterAll(() => rmSync(dir, {recursive: true}));

const exec = (argv: readonly string[], more: Partial<Request> = {}): Request => ({
  verb: 'exec',
  args: ['0', '', '0', ...argv],
  ...more,
});
const sh = (script: string, more: Partial<Request> = {}): Request => exec(['sh', '-c', script], more);
const seen = ({rc, stdout, stderr, skipped}: Reply) => ({rc, stdout: stdout.toString(), stderr, skipped});
const answer = (rc: number, stdout: string, stderr = '') => ({rc, stdout, stderr, skipped: false});

describe.each(shells)('the agent under $name', ({name, command}) => {
  let host: Connection;
  const ask = async (...requests: Request[]) => (await host.run(requests)).map(seen);

  beforeAll(() => {
    host = connectLocal(LOCAL, command);
  });
  afterAll(() => host.close());

  it('hands every character of an argument through, and runs none of them', async () => {
    const nasty = [
      '',
      ' ',
      '-n',
      '--',
      '-',
      "it's",
      '"double"',
      '`id`',
      '$(id)',
      '$HOME $(( 1 + 1 ))',
      '$0 $1 $@',
      '\\',
      '\\\\n',
      '\\n',
      '\\c\\0101',
      'a\\',
      'two\nlines',
      '\n',
      '\n\n',
      'ends with newlines\n\n',
      'tab\t',
      '; rm -rf /',
      '&& | > <',
      '*',
      '~',
      '%s%d',
      '!!',
      'ünïcödé ☃ 🎉',
      '\u0001\u0007\u001b\u007f',
      'A=B',
      '{{ x }}',
    ];
    const [reply] = await ask(exec(['printf', '%s\\0', ...nasty]));
    expect(reply).toEqual(answer(0, nasty.map(text => `${text}\0`).join('')));
  });

  it('hands all byte values through in both directions', async () => {
    const bytes = Buffer.concat([Buffer.from(Array.from({length: 256}, (_, i) => i)), randomBytes(1024 * 1024)]);
    const [reply] = await host.run([exec(['cat'], {stdin: bytes})]);
    expect(reply?.stdout.equals(bytes)).toBe(true);
    expect(reply?.rc).toBe(0);
  });

  it('answers in order, with exit codes and standard error apart', async () => {
    const replies = await ask(
      sh('echo one'),
      sh('echo two; echo three >&2; exit 7'),
      sh('printf "no newline"'),
      sh('exit 255'),
    );
    expect(replies).toEqual([
      answer(0, 'one\n'),
      answer(7, 'two\n', 'three\n'),
      answer(0, 'no newline'),
      answer(255, ''),
    ]);
  });

  it('goes on after an operation that ignores its input, reads half of it, or asks for what is not there', async () => {
    const stdin = randomBytes(300_000);
    const replies = await ask(
      sh('true', {stdin}),
      sh('head -c 10 >/dev/null', {stdin}),
      exec(['cat']),
      sh('cat | wc -c', {stdin}),
      sh('read x; echo "[$x]"'),
    );
    expect(replies.map(({rc, stdout}) => [rc, stdout.trim()])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
      [0, '300000'],
      [0, '[]'],
    ]);
  });

  it('does not wait for a child that an operation leaves in the background', async () => {
    const start = performance.now();
    const replies = await ask(sh('sleep 20 >/dev/null 2>&1 & echo $!'), sh('echo next'));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(replies[1]).toEqual(answer(0, 'next\n'));
    await ask(sh(`kill ${Number(replies[0]?.stdout)}`));
  });

  it('survives operations that exit, fail to parse, kill themselves or do not exist', async () => {
    const replies = await ask(
      sh('exit'),
      sh('if then'),
      sh('kill -9 $$'),
      exec(['/no/such/program']),
      {verb: 'nonsense', args: []},
      sh('echo alive'),
    );
    expect(replies.map(reply => reply.rc)).toEqual([0, 2, 137, 127, 1, 0]);
    expect(replies[4]?.stderr).toBe('nonsense: the agent does not know this verb\n');
  });

  it('ends an operation that takes too long, with exit code 124', async () => {
    const start = performance.now();
    const [reply, next] = await ask(exec(['sleep', '30'], {timeoutSeconds: 1}), sh('echo next'));
    expect(reply?.rc).toBe(124);
    expect(next).toEqual(answer(0, 'next\n'));
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it('brings 5 MB of output whole, and of 20 MB the end, saying so', async () => {
    const [whole, end] = await host.run([
      sh('dd if=/dev/zero bs=1000000 count=5 2>/dev/null'),
      sh('dd if=/dev/zero bs=1000000 count=20 2>/dev/null; echo the end'),
    ]);
    expect(whole?.stdout.length).toBe(5_000_000);
    expect(whole?.stderr).toBe('');
    expect(end?.stdout.toString().endsWith('the end\n')).toBe(true);
    expect(end?.stderr).toContain('its first');
  });

  it('skips the rest of a batch after the first failure, payloads included, and nothing of the next batch', async () => {
    const stdin = randomBytes(100_000);
    const first = host.run([sh('echo 1'), sh('exit 3'), sh('echo never', {stdin}), exec(['cat'], {stdin})], {
      stopOnFailure: true,
    });
    const second = host.run([sh('echo 2')], {stopOnFailure: true});
    const skipped = {rc: 125, stdout: '', stderr: '', skipped: true};
    expect((await first).map(seen)).toEqual([answer(0, '1\n'), answer(3, ''), skipped, skipped]);
    expect((await second).map(seen)).toEqual([answer(0, '2\n')]);
  });

  it('does not take an expected exit code of a command for a failure of the batch', async () => {
    const replies = await host.run(
      [
        {verb: 'exec', args: ['0 3', '', '0', 'sh', '-c', 'exit 3']},
        {verb: 'exec', args: ['any', '', '0', 'sh', '-c', 'exit 9']},
        sh('echo on'),
      ],
      {stopOnFailure: true},
    );
    expect(replies.map(reply => reply.rc)).toEqual([3, 9, 0]);
  });

  it('gives a command its directory, its variables and the whole of its input', async () => {
    const text = 'sécret "\\n" $x\nlast line\n\n';
    const args = [
      '0',
      String(Buffer.byteLength(text)),
      '/usr',
      '2',
      'A=b c',
      'EMPTY=',
      'sh',
      '-c',
      'pwd; echo "[$A][$EMPTY]"; cat',
    ];
    expect(await ask({verb: 'exec-text', args, stdin: Buffer.from(text)})).toEqual([
      answer(0, `/usr\n[b c][]\n${text}`),
    ]);
  });

  it('does not start a command whose input is cut short, or whose variable has no name', async () => {
    const [short, odd] = await ask(
      {verb: 'exec-text', args: ['0', '9', '', '0', 'cat'], stdin: Buffer.from('half')},
      {verb: 'exec', args: ['0', '', '1', 'A-B=c', 'echo', 'ran']},
    );
    expect(short).toEqual(answer(126, '', 'the standard input did not arrive whole\n'));
    expect(odd).toEqual(answer(126, '', 'A-B: not a name of a variable\n'));
  });

  it('runs commands with the umask of a login, in C locale, from the root directory', async () => {
    expect(await ask(sh('umask; pwd; echo "$LC_ALL"'))).toEqual([answer(0, '0022\n/\nC\n')]);
  });

  it('takes a compressed upload of 5 MB while requests go on', async () => {
    const bytes = Buffer.concat([randomBytes(2_500_000), Buffer.alloc(2_500_000)]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const gz = gzipSync(bytes);
    const path = join(dir, `upload of ${name.replace('/', '')}`);
    const [upload, ping] = await Promise.all([
      host.upload({verb: 'upload', args: [path, sha256, '', '', '0755', '0644']}, Readable.from([gz]), gz.length),
      ask({verb: 'ping', args: []}),
    ]);
    expect(seen(upload)).toEqual(answer(0, ''));
    expect(ping).toEqual([answer(0, 'pong')]);
    expect((await ask(sh('sha256sum <"$0"; stat -c %a -- "$0"'.replaceAll('$0', path))))[0]?.stdout).toBe(
      `${sha256}  -\n755\n`,
    );
  });

  it('writes nothing when an upload breaks off or is not what it should be, and takes the next one', async () => {
    const path = join(dir, `broken of ${name}`);
    const gz = gzipSync(randomBytes(500_000));
    const request = {verb: 'upload', args: [path, '0'.repeat(64), '', '', '', '0644']};
    await expect(host.upload(request, Readable.from([gz.subarray(0, 1000)]), gz.length)).rejects.toThrow(
      'it changed meanwhile',
    );
    const wrong = await host.upload(request, Readable.from([gz]), gz.length);
    expect(wrong.rc).toBe(1);
    expect(wrong.stderr).toContain('wanted 0000');
    expect((await ask({verb: 'stat', args: [path, 'none']}))[0]).toEqual(answer(0, 'absent\n'));
    expect((await ask(exec(['find', dir, '-name', '*.etcdctl-play.*'])))[0]).toEqual(answer(0, ''));
  });
});

describe('an agent that ends', () => {
  it('rejects what is under way as a lost connection, never as exit code 0, and a new one answers the next request', async () => {
    const host = connectLocal(LOCAL);
    const lost = host.run([sh('kill -9 $(cut -d" " -f6 </proc/$$/stat)'), sh('echo never')]);
    await expect(lost).rejects.toMatchObject({name: 'ConnectionError', diagnostic: {code: 'E_CONNECTION_LOST'}});
    expect((await host.run([sh('echo again')])).map(seen)).toEqual([answer(0, 'again\n')]);
    await host.close();
  });

  it('says what the shell said when there is no agent at all', async () => {
    const host = connectLocal(LOCAL, ['/bin/sh', '-c', 'echo "This account is currently not available." >&2; exit 1']);
    await expect(host.run([sh('echo never')])).rejects.toMatchObject({
      diagnostic: {
        code: 'E_AGENT',
        message:
          'here: the shell on the host ended before it took commands (exit code 1): This account is currently not available.',
      },
    });
    await host.close();
  });

  it('is not disturbed by a noisy start-up file', async () => {
    const noise = 'echo "Welcome!"; echo "Last login" >&2; printf "\\033[31m"; exec /bin/sh "$@"';
    const host = connectLocal(LOCAL, ['/bin/sh', '-c', noise, 'noisy']);
    expect((await host.run([sh('echo quiet')])).map(seen)).toEqual([answer(0, 'quiet\n')]);
    await host.close();
  });
});

describe('the text of the agent', () => {
  it.runIf(which('shellcheck') !== undefined)(
    'is clean for shellcheck as POSIX sh',
    () => {
      const parts = [...AGENT_PARTS.slice(0, -1), ...LATER_PARTS, ...AGENT_PARTS.slice(-1)].map(name =>
        readFileSync(new URL(`../../src/transport/${name}`, import.meta.url), 'utf8'),
      );
      const checked = spawnSync('shellcheck', ['-s', 'sh', '-'], {
        input: `nonce=1 exact='' locks='' steps=''\n${parts.join('')}`,
        encoding: 'utf8',
      });
      expect(checked.stdout).toBe('');
    },
    60_000,
  );

  it('has no two functions of one name: the later one would take the place of the other', () => {
    const functions = [...loadAgent([...AGENT_PARTS, ...LATER_PARTS]).matchAll(/^([a-z_]+)\(\) \{$/gm)].map(
      found => found[1],
    );
    expect(functions.length).toBeGreaterThan(40);
    expect(functions.filter((name, index) => functions.indexOf(name) !== index)).toEqual([]);
  });

  it('fits into the first packets of a connection', () => {
    expect(packed(loadAgent()).length).toBeLessThan(14_600);
  });

  it('gives the login shell one line that every shell reads alike', () => {
    const {startLine} = agentTexts('', '', {nonce: 'n', as: 'root', prompt: 'p'});
    expect(startLine).toMatch(/^exec \/bin\/sh -c '[^'\\!]*' etcdctl-play-agent$/);
  });

  it('takes no user name that is more than a name', () => {
    expect(() => agentTexts('', '', {nonce: 'n', as: "root'; reboot", prompt: undefined})).toThrow('no user name');
  });
});

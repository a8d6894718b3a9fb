import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {problem, warning} from '../../src/base/diagnostic.ts';
import {isColored} from '../../src/cli/color.ts';
import {withConnectionDefaults} from '../../src/cli/connection-defaults.ts';
import {showInputProblems} from '../../src/cli/input-problems.ts';
import {type Options, parseOptions} from '../../src/cli/options.ts';
import {openRunLog} from '../../src/cli/run-log.ts';
import {addSecretsOfData, addSecretsOfText} from '../../src/cli/secrets.ts';
import {chooseView, openViews} from '../../src/cli/views.ts';
import {Redactor} from '../../src/report/redact.ts';
import {project, screen, testWorld} from './world.ts';

function options(...argv: string[]): Options {
  const parsed = parseOptions(testWorld({argv: ['etcd.yml', ...argv]}));
  if (parsed.kind !== 'run') throw new Error(parsed.stderr);
  return parsed.options;
}

describe('secrets in files', () => {
  it.each([
    ['ansible_password: hunter2', 'hunter2'],
    ['  ansible_become_pass: "quo\\"ted" # why', 'quo"ted'],
    ["x: {ansible_ssh_pass: 'it''s me', y: 1}", "it's me"],
    ['{"backup_secret_key": "s3cr3t/key"}', 's3cr3t/key'],
    ['etcd_root_password: correct horse   # note', 'correct horse'],
    ['ansible_password=hunter2 y=1', 'hunter2'],
    ['API_KEY: abcd1234', 'abcd1234'],
    ['my_password: with, comma', 'with, comma'],
    ['cmd: run ansible_password="a b c" now', 'a b c'],
  ])('are found in %s', (text, secret) => {
    const redactor = new Redactor();
    addSecretsOfText({path: 'x', text: `a: 1\n${text}\nb: 2\n`}, redactor);
    expect(redactor.clean(`[${secret}]`)).toBe('[[REDACTED]]');
  });

  it.each([
    'ansible_password: "{{ vault_password }}"',
    'etcd_token: etcd-cluster',
    'password_file: /etc/secret',
    'become_pass: yes',
  ])('are not seen in %s', text => {
    const redactor = new Redactor();
    addSecretsOfText({path: 'x', text}, redactor);
    expect(redactor.clean(text)).toBe(text);
  });

  it('are found among variables at any depth', () => {
    const redactor = new Redactor();
    addSecretsOfData('backup', {s3: [{secret_key: 'deep-secret', pin_password: 12345}], name: 'plain-name'}, redactor);
    expect(redactor.clean('deep-secret 12345 plain-name')).toBe('[REDACTED] [REDACTED] plain-name');
  });
});

describe('withConnectionDefaults', () => {
  it('adds what the inventory does not say', () => {
    const given = options(
      '-u',
      'op',
      '--key-file',
      '/k',
      '-T',
      '7',
      '--accept-new-host-keys',
      '--ssh-common-args=-J jump',
    );
    expect(withConnectionDefaults({}, given, {login: 'l', become: 'b'})).toEqual({
      ansible_user: {value: 'op'},
      ansible_ssh_private_key_file: {value: '/k'},
      ansible_password: {value: 'l'},
      ansible_become_password: {value: 'b'},
      ansible_ssh_extra_args: {value: '-J jump -o ConnectTimeout=7 -o StrictHostKeyChecking=accept-new'},
    });
  });

  it('leaves what the inventory says under any of its names', () => {
    const variables = {
      ansible_ssh_user: {value: 'inv'},
      ansible_private_key_file: {value: '/i'},
      ansible_ssh_extra_args: {value: '-o ConnectTimeout=1'},
    };
    expect(withConnectionDefaults(variables, options('-u', 'op', '--key-file', '/k', '-T', '7'), {})).toEqual({
      ...variables,
      ansible_ssh_extra_args: {value: '-o ConnectTimeout=1 -o ConnectTimeout=7'},
    });
  });
});

describe('the run log', () => {
  it('is for its owner only and lies in the state directory', () => {
    const home = project();
    const log = openRunLog({}, testWorld({home}), '00c0ffee');
    if (log === undefined || 'code' in log) throw new Error('no log');
    log.write('line\n');
    log.close();
    log.write('after\n');
    const dir = join(home, '.local/state/etcdctl-play/log');
    expect([log.path, readFileSync(log.path, 'utf8')]).toEqual([join(dir, '20261121T031118Z-00c0ffee.log'), 'line\n']);
    expect([statSync(log.path).mode & 0o777, statSync(dir).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('keeps the newest fifty and nothing but logs is removed', () => {
    const state = project();
    const dir = join(state, 'etcdctl-play/log');
    mkdirSync(dir, {recursive: true});
    const old = Array.from({length: 60}, (_, index) =>
      `20250101T0000${index}Z-abc.log`.replace(/T0000(\d)Z/, 'T00000$1Z'),
    );
    for (const name of [...old, 'mine.log']) writeFileSync(join(dir, name), '');
    const log = openRunLog({}, testWorld({env: {XDG_STATE_HOME: state}}), '00c0ffee');
    if (log === undefined || 'code' in log) throw new Error('no log');
    log.close();
    expect(readdirSync(dir).sort()).toEqual([...old.slice(11), '20261121T031118Z-00c0ffee.log', 'mine.log'].sort());
  });

  it('is a warning where it cannot be written, and nothing with --no-log-file', () => {
    const home = project({'.local': 'a file'});
    expect(openRunLog({}, testWorld({home}), 'a')).toMatchObject({code: 'W_LOG_FILE', severity: 'warning'});
    expect(openRunLog({logFile: false}, testWorld({home}), 'a')).toBeUndefined();
  });
});

describe('views', () => {
  const terminal = (columns: number) => screen(() => {}, true, columns);

  it('are live only for a person at a terminal', () => {
    const choose = (output: Options['output'], isTTY: boolean, env: Record<string, string> = {}, columns = 100) =>
      chooseView({output}, {env, stdout: screen(() => {}, isTTY, columns)});
    expect([
      choose('auto', true),
      choose('auto', false),
      choose('live', false),
      choose('auto', true, {CI: 'true'}),
      choose('auto', true, {TERM: 'dumb'}),
      choose('auto', true, {}, 39),
      choose('text', true),
      choose('json', true),
    ]).toEqual(['live', 'text', 'text', 'text', 'text', 'text', 'text', 'json']);
  });

  it('are coloured on terminals, or where it is forced', () => {
    const one = (color: boolean, isTTY: boolean, env: Record<string, string> = {}) => isColored({color}, {isTTY}, env);
    expect([
      one(true, true),
      one(true, false),
      one(false, true),
      one(true, false, {FORCE_COLOR: '1'}),
      one(true, true, {TERM: 'dumb'}),
    ]).toEqual([true, false, false, true, false]);
  });

  it('take secrets out of the screen and the log, in every form', () => {
    const redactor = new Redactor();
    redactor.add('p"ss w0rd');
    const world = testWorld();
    let logged = '';
    const log = {
      path: 'x',
      write: (text: string) => {
        logged += text;
      },
      close: () => {},
    };
    const views = openViews(options('-v'), world, redactor, log);
    views.emit({type: 'trace', level: 1, text: 'the secret is p"ss w0rd'});
    views.close();
    expect(world.printed.out).toBe('the secret is [REDACTED]\n');
    expect(logged).toBe(
      '{"time":"2026-11-21T03:11:18.000Z","type":"trace","level":1,"text":"the secret is [REDACTED]"}\n',
    );
  });

  it('may break without stopping the run', () => {
    const broken = {
      ...terminal(100),
      write: () => {
        throw new Error('screen is gone');
      },
    };
    const world = testWorld({stdout: broken});
    let logged = 0;
    const views = openViews(options('-v'), world, new Redactor(), {
      path: 'x',
      write: () => void logged++,
      close: () => {},
    });
    views.emit({type: 'trace', level: 1, text: 'a'});
    views.emit({type: 'trace', level: 1, text: 'b'});
    views.close();
    expect([logged, world.printed.err.split('\n')[0]]).toEqual([
      2,
      'E_INTERNAL a view of the run broke and is closed; the run goes on: Error: screen is gone',
    ]);
  });
});

describe('showInputProblems', () => {
  const file = {path: 'a.yml', text: 'a: 1\nb: 2\n'};
  const problems = [
    warning('W_ONE', 'odd'),
    problem('E_B', 'bad b', {at: {file, start: 8, end: 9}}),
    problem('E_A', 'bad a', {at: {file, start: 3, end: 4}}),
  ];

  it('prints errors by place, then warnings, then how many', () => {
    const world = testWorld();
    const code = showInputProblems(problems, options(), world, new Redactor());
    expect([code, world.printed]).toEqual([
      1,
      {
        out: '',
        err: 'a.yml:1:4 E_A bad a\n    a: 1\n       ~\n\na.yml:2:4 E_B bad b\n    b: 2\n       ~\n\nW_ONE odd\n\n2 errors, 1 warning; no host was touched\n',
      },
    ]);
  });

  it('lets warnings pass, unless they are wanted strictly', () => {
    const [first] = problems;
    const run = (...argv: string[]) => {
      const world = testWorld();
      return [
        showInputProblems(first === undefined ? [] : [first], options(...argv), world, new Redactor()),
        world.printed.err,
      ];
    };
    expect([run(), run('--strict')]).toEqual([
      [0, 'W_ONE odd\n\n'],
      [1, 'W_ONE odd\n\n1 warning (an error with --strict); no host was touched\n'],
    ]);
  });

  it('writes events with --output json', () => {
    const world = testWorld();
    showInputProblems(problems, options('--output', 'json'), world, new Redactor());
    expect(
      world.printed.out
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line).type),
    ).toEqual(['diagnostic', 'diagnostic', 'diagnostic', 'run-end']);
  });

  it('marks the places in a pull request', () => {
    const world = testWorld({env: {GITHUB_ACTIONS: 'true'}});
    showInputProblems(problems.slice(2), options(), world, new Redactor());
    expect(world.printed.out).toBe('::error file=a.yml,line=1,col=4,title=E_A::bad a\n');
  });

  it('does not show a secret in the line it points at', () => {
    const secret = {path: 'a.yml', text: 'ansible_password: hunter2 {{\n'};
    const redactor = new Redactor();
    redactor.add('hunter2');
    const world = testWorld();
    showInputProblems([problem('E_X', 'm', {at: {file: secret, start: 26, end: 28}})], options(), world, redactor);
    expect(world.printed.err).not.toContain('hunter2');
  });
});

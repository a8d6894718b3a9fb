import {describe, expect, it} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {isHostAddress, parseHop} from '../../src/transport/address.ts';
import {parseTarget} from '../../src/transport/target.ts';
import {splitWords} from '../../src/transport/word-split.ts';

const parse = (vars: Record<string, string | number | boolean | null>, name = '10.10.10.10') =>
  parseTarget(name, Object.fromEntries(Object.entries(vars).map(([key, value]) => [key, {value}])), {
    home: '/home/me',
    user: 'me',
  });
const codes = (vars: Record<string, string | number | boolean | null>, name?: string) => {
  const result = parse(vars, name);
  return result.ok ? [] : result.error.map(({code, message}) => `${code} ${message}`);
};

describe('a target', () => {
  it('needs nothing but a name', () => {
    expect(parse({})).toEqual({
      ok: true,
      value: {name: '10.10.10.10', connection: 'ssh', address: '10.10.10.10', port: 22, user: 'me', options: {}},
    });
  });

  it('takes every spelling, the strongest first, and passwords of digits', () => {
    const result = parse({
      ansible_ssh_host: 'weak.example',
      ansible_host: 'db.example',
      ansible_port: '2222',
      ansible_ssh_user: 'ops',
      ansible_private_key_file: '~/.ssh/key',
      ansible_ssh_pass: 123456,
      ansible_sudo_pass: 'root pw',
      ansible_connection: 'smart',
    });
    expect(
      result.ok && {
        ...result.value,
        password: result.value.password?.reveal(),
        becomePassword: result.value.becomePassword?.reveal(),
      },
    ).toEqual({
      name: '10.10.10.10',
      connection: 'ssh',
      address: 'db.example',
      port: 2222,
      user: 'ops',
      privateKeyFile: '/home/me/.ssh/key',
      password: '123456',
      becomePassword: 'root pw',
      options: {},
    });
    expect(result.ok && result.value.password).toBeInstanceOf(Secret);
  });

  it('reads ssh options in every way of writing them; the first value wins', () => {
    const result = parse({
      ansible_ssh_common_args: `-o UserKnownHostsFile="~/a /b" -oStrictHostKeyChecking=accept-new -o 'ConnectTimeout 5' -J ops@jump:2200,[2001:db8::1]:22`,
      ansible_ssh_extra_args:
        '-p 2022 -i ~/k1 -o IdentityFile=/k2 -o IdentitiesOnly=yes -o ConnectTimeout=9 -o User=root -o ControlMaster=auto -o ForwardAgent=no -C -F /dev/null',
    });
    expect(result.ok ? [result.value.port, result.value.options] : result.error).toEqual([
      2022,
      {
        userKnownHostsFiles: ['/home/me/a', '/b'],
        strictHostKeyChecking: 'accept-new',
        connectTimeoutSeconds: 5,
        proxyJump: [
          {host: 'jump', port: 2200, user: 'ops'},
          {host: '2001:db8::1', port: 22},
        ],
        port: 2022,
        identityFiles: ['/home/me/k1', '/k2'],
        identitiesOnly: true,
        user: 'root',
      },
    ]);
  });

  it.each([
    [
      '-o StrictHostKeyChecking=no',
      'StrictHostKeyChecking: "no" is refused: anybody in the middle could take the place of a host',
    ],
    [
      '-o StrictHostKeyChecking=off',
      'StrictHostKeyChecking: "off" is refused: anybody in the middle could take the place of a host',
    ],
    ['-o ProxyCommand="nc %h %p"', 'ProxyCommand: the option is not supported (value "nc %h %p")'],
    ['-o ForwardAgent=yes', 'ForwardAgent: the option is not supported (value "yes")'],
    ['-o Port=0', 'Port: "0" is no port'],
    ['-J "-oProxyCommand=x"', 'ProxyJump: "-oProxyCommand=x" names no jump hosts'],
    ['-L 1:2:3', 'the option "-L" is not supported'],
    ['hostname', 'the option "hostname" is not supported'],
    ["-o 'User", 'a quote is not closed'],
    ['-o', 'the option "-o" is not supported'],
    ['-F ~/.ssh/other', 'the option "-F" is not supported'],
    ['-o constructor=x', 'constructor: the option is not supported (value "x")'],
  ])('refuses %s by name', (args, message) => {
    expect(codes({ansible_ssh_common_args: args})[0]).toBe(
      `E_SSH_OPTION 10.10.10.10: ansible_ssh_common_args: ${message}`,
    );
  });

  it('refuses accept-new where nothing remembers the keys', () => {
    expect(
      codes({ansible_ssh_common_args: '-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/dev/null'}),
    ).toEqual(['E_SSH_OPTION 10.10.10.10: accept-new with no file to remember keys in accepts every key every time']);
  });

  it('tells all problems at once, with their places, and never a secret', () => {
    const file = {path: 'inventory.yml', text: 'x'};
    const at = {file, start: 0, end: 1};
    const result = parseTarget(
      'db 1',
      {
        ansible_host: {value: '-oProxyCommand=reboot', at},
        ansible_user: {value: 'a b', at},
        ansible_port: {value: 70000, at},
        ansible_become_password: {value: 'hush\nhush', at},
        ansible_connection: {value: 'winrm', at},
      },
      {home: '/h'},
    );
    expect(result.ok ? [] : result.error.map(({message}) => message).sort()).toEqual([
      'db 1: ansible_become_password holds a line break',
      'db 1: ansible_connection: "winrm" is not supported',
      'db 1: ansible_host: "-oProxyCommand=reboot" is no host name and no address',
      'db 1: ansible_port: "70000" is no port',
      'db 1: ansible_user: "a b" is no user name',
    ]);
    expect(result.ok ? [] : result.error.map(problem => problem.at)).toEqual([at, at, at, at, at]);
    expect(codes({}, 'db 1')).toEqual(['E_ADDRESS db 1: "db 1" is no host name and no address']);
  });

  it('is this machine with ansible_connection: local, whatever the host is called', () => {
    const result = parse({ansible_connection: 'local'}, 'my machine');
    expect(result.ok && result.value.connection).toBe('local');
  });
});

describe('addresses', () => {
  it.each(['10.0.0.1', 'db-1.example', 'localhost', '::1', 'fe80::1%eth0', 'a_b', 'x.'])('%s is one', text =>
    expect(isHostAddress(text)).toBe(true),
  );
  it.each(['', '-x', 'a b', '10.0.0', '1.2.3.4.5', 'a..b', '$(id)', 'a\nb', 'ünï', `${'a'.repeat(64)}.x`, '[::1]'])(
    '%j is none',
    text => expect(isHostAddress(text)).toBe(false),
  );

  it('of jumps may hold a user and a port', () => {
    expect([parseHop('ssh://u@h:1'), parseHop('::1'), parseHop('h:99999'), parseHop('-x@h'), parseHop('')]).toEqual([
      {host: 'h', port: 1, user: 'u'},
      {host: '::1', port: 22},
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('words', () => {
  it.each([
    [`a  b\tc`, ['a', 'b', 'c']],
    [`'a b'"c d"e`, ['a bc de']],
    [`a\\ b "x\\"y" 'x\\y' ""`, ['a b', 'x"y', 'x\\y', '']],
    ['', []],
    [`'open`, undefined],
    [`"open\\"`, undefined],
  ])('%j are %j', (text, words) => expect(splitWords(text)).toEqual(words));
});

import {describe, expect, it} from 'vitest';
import {startFailure} from '../../src/transport/agent-errors.ts';
import {authProblem, unreachableProblem} from '../../src/transport/ssh-errors.ts';

const start = (said: string, more = {}) =>
  startFailure({host: 'db1', as: 'root', exitCode: 1, said, passwordGiven: false, prompts: 0, ...more});

describe('an agent that does not start', () => {
  it.each([
    ['sudo: a password is required\n', 'E_SUDO_PASSWORD'],
    ['sudo: no tty present and no askpass program specified\n', 'E_SUDO_PASSWORD'],
    ['sudo: interactive authentication is required\n', 'E_SUDO_PASSWORD'],
    ['Sorry, try again.\nsudo: 1 incorrect password attempt\n', 'E_SUDO_WRONG_PASSWORD'],
    ['sudo: Authentication failed, try again.\n', 'E_SUDO_WRONG_PASSWORD'],
    ['ops is not in the sudoers file.\n', 'E_SUDO_DENIED'],
    ["Sorry, user ops is not allowed to execute '/bin/sh' as root on db1.\n", 'E_SUDO_DENIED'],
    ['sudo: sorry, you must have a tty to run sudo\n', 'E_SUDO_DENIED'],
    ['/bin/sh: 1: exec: sudo: not found\n', 'E_SUDO_DENIED'],
    ['sudo: unknown user nobody2\n', 'E_SUDO_DENIED'],
    ['This account is currently not available.\n', 'E_AGENT'],
    ['', 'E_AGENT'],
  ])('is explained by %j', (said, code) => {
    const problem = start(said);
    expect(problem.code).toBe(code);
    expect(problem.hint).toMatch(/\S/);
  });

  it('asked twice: the password was wrong, whatever the words are', () => {
    expect(start('Das hat nicht funktioniert', {prompts: 2, passwordGiven: true}).code).toBe('E_SUDO_WRONG_PASSWORD');
  });

  it('cannot paint the terminal', () => {
    const {message} = start('\u001b[2J\u001b]0;owned\u0007evil\r\u0008line');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(message).toContain('evil');
  });
});

describe('a host that is not reached', () => {
  const to = {label: 'db1', address: 'db.example', port: 22, user: 'ops', via: undefined};
  const coded = (code: string) => Object.assign(new Error(code), {code});
  it.each([
    [coded('ENOTFOUND'), 'the name cannot be resolved'],
    [coded('EAI_AGAIN'), 'the name cannot be resolved'],
    [coded('ECONNREFUSED'), 'connection refused'],
    [new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]), 'connection refused'],
    [coded('EHOSTUNREACH'), 'no route to the host'],
    [coded('ETIMEDOUT'), 'no answer within 10 s'],
    [new Error('Timed out while waiting for handshake'), 'no answer within 10 s'],
    [new Error('Connection lost before handshake'), 'the other end closed the connection before the SSH handshake'],
    [coded('ECONNRESET'), 'the other end closed the connection before the SSH handshake'],
    [
      new Error('Handshake failed: no matching key exchange algorithm'),
      'no common SSH algorithms (Handshake failed: no matching key exchange algorithm)',
    ],
    [new Error('odd \u001b[31mthing'), 'odd thing'],
  ])('is explained: %s', (error, why) => {
    const problem = unreachableProblem(to, error, 10);
    expect([problem.code, problem.message]).toEqual([
      'E_UNREACHABLE',
      `db1: cannot connect to db.example port 22: ${why}`,
    ]);
    expect(problem.hint).toMatch(/\S/);
  });

  it('names the jump host on the way', () => {
    expect(unreachableProblem({...to, via: 'jump:22'}, coded('ECONNREFUSED'), 10).message).toBe(
      'db1: cannot connect to db.example port 22 through jump:22: connection refused',
    );
  });

  it('asks for fewer keys where the host gave up counting', () => {
    const problem = authProblem(to, ['a', 'b'], [], 'Too many authentication failures');
    expect(problem.message).toBe(
      'db1: db.example does not let ops in: tried a, b (the host gave up: too many attempts)',
    );
    expect(problem.hint).toContain('IdentitiesOnly');
  });
});

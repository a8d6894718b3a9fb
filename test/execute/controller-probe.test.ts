import {mkdirSync, symlinkSync, utimesSync} from 'node:fs';
import {userInfo} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {controllerPath} from '../../src/execute/controller-file.ts';
import {controllerFact} from '../../src/execute/controller-probe.ts';
import {sha256, TestDir} from './release-fixtures.ts';

const {uid, gid, username} = userInfo();

test('a file is told with owner, mode, size and time, and with as much content as is asked for', async () => {
  using dir = new TestDir();
  const path = dir.write('file', 'tëxt\n', 0o640);
  utimesSync(path, 1_700_000_000.9, 1_700_000_000.9);
  const base = {
    exists: true,
    type: 'file',
    mode: '0640',
    owner: username,
    uid,
    gid,
    sizeBytes: 6,
    mtime: 1_700_000_000,
    group: expect.any(String),
  };
  expect(await controllerFact({kind: 'controller-path', path})).toEqual(base);
  expect(await controllerFact({kind: 'controller-path', path, content: 'sha256'})).toEqual({
    ...base,
    sha256: sha256('tëxt\n'),
  });
  expect(await controllerFact({kind: 'controller-path', path, content: 'text'})).toEqual({
    ...base,
    sha256: sha256('tëxt\n'),
    text: 'tëxt\n',
  });
});

test('text that is not UTF-8, or too long, is told by its checksum only', async () => {
  using dir = new TestDir();
  for (const bytes of [Buffer.from([0xff, 0x41]), Buffer.alloc(1_048_577, 'a')]) {
    const fact = await controllerFact({kind: 'controller-path', path: dir.write('file', bytes), content: 'text'});
    expect(fact).toMatchObject({exists: true, sha256: sha256(bytes)});
    expect(fact).not.toHaveProperty('text');
  }
});

test('directories, links and what is not there are told apart; links are not followed', async () => {
  using dir = new TestDir();
  mkdirSync(join(dir.path, 'sub'));
  symlinkSync('nowhere', join(dir.path, 'link'));
  const fact = (name: string) => controllerFact({kind: 'controller-path', path: join(dir.path, name), content: 'text'});
  expect(await fact('sub')).toMatchObject({exists: true, type: 'directory'});
  expect(await fact('link')).toMatchObject({exists: true, type: 'link', target: 'nowhere'});
  expect([await fact('none'), await fact('none/below')]).toEqual([{exists: false}, {exists: false}]);
});

test('files of a PKI directory that are no PEM are a fact with an error', async () => {
  using dir = new TestDir();
  dir.write('ca.crt', 'garbage');
  mkdirSync(join(dir.path, 'a.crt'));
  dir.write('b.key', 'garbage', 0o644);
  const {ca, certificates} = await controllerFact({kind: 'pki', dir: dir.path, names: ['a', 'b']});
  expect([ca, certificates]).toEqual([
    {name: 'ca', certExists: true, keyExists: false, error: 'there is no PEM certificate in the file'},
    {
      a: {name: 'a', certExists: true, keyExists: false, error: `${dir.path}/a.crt is not a regular file`},
      b: {
        name: 'b',
        certExists: false,
        keyExists: true,
        keyMode: '0644',
        error: 'the private key cannot be read (ERR_OSSL_UNSUPPORTED)',
      },
    },
  ]);
});

test('a PKI directory that is not there holds nothing', async () => {
  using dir = new TestDir();
  const pki = join(dir.path, 'none');
  expect(await controllerFact({kind: 'pki', dir: pki, names: ['a']})).toEqual({
    dir: pki,
    ca: {name: 'ca', certExists: false, keyExists: false},
    certificates: {a: {name: 'a', certExists: false, keyExists: false}},
  });
});

test('paths may start at the home directory or the working directory', () => {
  expect([controllerPath('~/x'), controllerPath('x'), controllerPath('/x/../y'), controllerPath('~x')]).toEqual([
    join(userInfo().homedir, 'x'),
    join(process.cwd(), 'x'),
    '/y',
    join(process.cwd(), '~x'),
  ]);
});

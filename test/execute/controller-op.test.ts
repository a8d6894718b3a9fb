import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {applyControllerOp, isControllerOp, readControllerFile} from '../../src/execute/controller-op.ts';
import {controllerFact, isControllerProbe} from '../../src/execute/controller-probe.ts';
import {reissueReason} from '../../src/pki/judge.ts';
import type {CertificateRequest} from '../../src/pki/profile.ts';
import type {Op} from '../../src/task/op.ts';
import type {OpReply} from '../../src/task/task.ts';
import {sha256, TestDir} from './release-fixtures.ts';

const NOW = Date.UTC(2026, 2, 1, 12);
const now = () => NOW;
const mode = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);

const caOp = (dir: string) =>
  ({kind: 'issue-ca', dir, commonName: 'etcd ca', validityDays: 3650, keyAlgorithm: 'ec'}) as const;

function leafOp(dir: string, name = 'etcd-1/server'): Extract<Op, {kind: 'issue-certificate'}> {
  const request: CertificateRequest = {
    name,
    commonName: 'etcd-1',
    dnsNames: ['etcd-1'],
    ipAddresses: ['10.0.0.1', '::1'],
    usages: ['serverAuth', 'clientAuth'],
    validityDays: 397,
    keyAlgorithm: 'ec',
  };
  return {kind: 'issue-certificate', dir, request};
}

/** The codes of a failed reply's problems. */
function codes(reply: OpReply): string[] {
  if (reply.rc === 0) return [];
  return (reply.data as {problems: {code: string}[]}).problems.map(({code}) => code);
}

describe('controller-write', () => {
  test('writes text, secrets and copies of files with 0600 unless told otherwise, and makes private directories', async () => {
    using dir = new TestDir();
    const source = dir.write('source', Buffer.from([0, 255, 1]));
    const at = (name: string) => join(dir.path, 'a/b', name);
    const write = (name: string, content: Extract<Op, {kind: 'controller-write'}>['content'], wanted?: string) =>
      applyControllerOp(
        {kind: 'controller-write', path: at(name), content, ...(wanted === undefined ? {} : {mode: wanted})},
        now,
      );
    expect(
      [
        await write('text', 'téxt'),
        await write('secret', new Secret('s3cr3t')),
        await write('copy', {controllerPath: source}, '0644'),
      ].map(({rc}) => rc),
    ).toEqual([0, 0, 0]);
    expect([
      readFileSync(at('text'), 'utf8'),
      readFileSync(at('secret'), 'utf8'),
      [...readFileSync(at('copy'))],
    ]).toEqual(['téxt', 's3cr3t', [0, 255, 1]]);
    expect([mode(at('text')), mode(at('secret')), mode(at('copy')), mode(at('..')), mode(at('.'))]).toEqual([
      '600',
      '600',
      '644',
      '700',
      '700',
    ]);
    expect(readdirSync(at('.')).sort()).toEqual(['copy', 'secret', 'text']);
  });

  test('replaces a symbolic link instead of following it', async () => {
    using dir = new TestDir();
    const victim = dir.write('victim', 'precious');
    const path = join(dir.path, 'link');
    symlinkSync(victim, path);
    expect((await applyControllerOp({kind: 'controller-write', path, content: 'new'})).rc).toBe(0);
    expect([readFileSync(victim, 'utf8'), readFileSync(path, 'utf8'), lstatSync(path).isFile()]).toEqual([
      'precious',
      'new',
      true,
    ]);
  });

  test('says in words what could not be written, and leaves no temporary file', async () => {
    using dir = new TestDir();
    mkdirSync(join(dir.path, 'taken/x'), {recursive: true});
    const path = join(dir.path, 'taken');
    expect(codes(await applyControllerOp({kind: 'controller-write', path, content: 'new'}))).toEqual([
      'E_CONTROLLER_FILE',
    ]);
    const missing = await applyControllerOp({
      kind: 'controller-write',
      path: join(dir.path, 'y'),
      content: {controllerPath: join(dir.path, 'none')},
    });
    expect(missing.stderr).toBe(
      `E_CONTROLLER_FILE cannot read ${join(dir.path, 'none')} on the controller (ENOENT)\ncheck the path: relative ones count from the working directory.\n`,
    );
    expect(readdirSync(dir.path)).toEqual(['taken']);
  });
});

describe('a PKI directory', () => {
  test('is made with a CA and a certificate that need no renewal, keys 0600, directories 0700, ignored by git', async () => {
    using dir = new TestDir();
    const pki = join(dir.path, 'pki/main');
    const made = await applyControllerOp(caOp(pki), now);
    const issued = await applyControllerOp(leafOp(pki), now);
    expect([made.rc, issued.rc, issued.data]).toEqual([
      0,
      0,
      {
        name: 'etcd-1/server',
        serial: expect.stringMatching(/^[0-9A-F]+$/),
        fingerprint256: expect.stringMatching(/^[0-9A-F:]{95}$/),
        not_after_ms: NOW + 397 * 86_400_000,
      },
    ]);
    expect(JSON.stringify([made, issued])).not.toContain('PRIVATE KEY');
    expect(readdirSync(pki, {recursive: true}).sort()).toEqual([
      '.gitignore',
      'ca.crt',
      'ca.key',
      'etcd-1',
      'etcd-1/server.crt',
      'etcd-1/server.key',
    ]);
    expect(readFileSync(join(pki, '.gitignore'), 'utf8')).toBe('*\n');
    expect(
      ['', 'ca.key', 'ca.crt', 'etcd-1', 'etcd-1/server.key', 'etcd-1/server.crt'].map(name => mode(join(pki, name))),
    ).toEqual(['700', '600', '644', '700', '600', '644']);
    const fact = await controllerFact({kind: 'pki', dir: pki, names: ['etcd-1/server', 'etcd-2/server']});
    expect(fact.ca).toMatchObject({
      name: 'ca',
      certExists: true,
      keyExists: true,
      keyMode: '0600',
      keyMatchesCert: true,
      isCa: true,
      subject: 'CN=etcd ca',
    });
    expect(fact.certificates['etcd-1/server']).toMatchObject({
      signedByCa: true,
      keyMatchesCert: true,
      ipAddresses: ['10.0.0.1', '::1'],
      subject: 'CN=etcd-1',
    });
    expect(fact.certificates['etcd-2/server']).toEqual({name: 'etcd-2/server', certExists: false, keyExists: false});
    const own = fact.certificates['etcd-1/server'];
    expect(own && reissueReason(leafOp(pki).request, own, NOW, 30, fact.ca.notAfterMs)).toBe(undefined);
  });

  test('keeps its CA whatever happens: a second one is refused, beside a certificate or a key alone, too', async () => {
    using dir = new TestDir();
    await applyControllerOp(caOp(dir.path), now);
    const key = readFileSync(join(dir.path, 'ca.key'), 'utf8');
    expect(codes(await applyControllerOp(caOp(dir.path), now))).toEqual(['E_CA_EXISTS']);
    renameSync(join(dir.path, 'ca.crt'), join(dir.path, 'kept'));
    expect(codes(await applyControllerOp(caOp(dir.path), now))).toEqual(['E_CA_EXISTS']);
    expect(readFileSync(join(dir.path, 'ca.key'), 'utf8')).toBe(key);
    rmSync(join(dir.path, 'ca.key'));
    renameSync(join(dir.path, 'kept'), join(dir.path, 'ca.crt'));
    expect(codes(await applyControllerOp(caOp(dir.path), now))).toEqual(['E_CA_EXISTS']);
    expect(existsSync(join(dir.path, 'ca.key'))).toBe(false);
  });

  test('of two controllers that make a CA at once, one wins and its pair belongs together', async () => {
    using dir = new TestDir();
    const replies = await Promise.all(Array.from({length: 4}, () => applyControllerOp(caOp(dir.path), now)));
    expect(replies.map(({rc}) => rc).sort()).toEqual([0, 1, 1, 1]);
    expect((await controllerFact({kind: 'pki', dir: dir.path, names: []})).ca).toMatchObject({
      keyMatchesCert: true,
      isCa: true,
    });
  });

  test('with a CA whose making was interrupted counts as empty, and the next attempt completes that CA', async () => {
    using dir = new TestDir();
    await applyControllerOp(caOp(dir.path), now);
    const certificate = readFileSync(join(dir.path, 'ca.crt'), 'utf8');
    renameSync(join(dir.path, 'ca.crt'), join(dir.path, '.ca.crt.pending'));
    expect((await controllerFact({kind: 'pki', dir: dir.path, names: []})).ca).toEqual({
      name: 'ca',
      certExists: false,
      keyExists: false,
    });
    expect((await applyControllerOp(caOp(dir.path), now)).rc).toBe(0);
    expect(readFileSync(join(dir.path, 'ca.crt'), 'utf8')).toBe(certificate);
    expect(readdirSync(dir.path).sort()).toEqual(['ca.crt', 'ca.key']);
  });

  test('with a key but somebody else’s waiting certificate is refused', async () => {
    using dir = new TestDir();
    using other = new TestDir();
    await applyControllerOp(caOp(dir.path), now);
    await applyControllerOp(caOp(other.path), now);
    rmSync(join(dir.path, 'ca.crt'));
    renameSync(join(other.path, 'ca.crt'), join(dir.path, '.ca.crt.pending'));
    expect((await controllerFact({kind: 'pki', dir: dir.path, names: []})).ca).toMatchObject({
      certExists: false,
      keyExists: true,
    });
    expect(codes(await applyControllerOp(caOp(dir.path), now))).toEqual(['E_CA_EXISTS']);
  });

  test('does not sign with a CA that is missing, expired, or whose key others can read', async () => {
    using dir = new TestDir();
    expect(codes(await applyControllerOp(leafOp(dir.path), now))).toEqual(['E_CA_MISSING', 'E_CA_MISSING']);
    await applyControllerOp(caOp(dir.path), now);
    expect(codes(await applyControllerOp(leafOp(dir.path), () => NOW + 4000 * 86_400_000))).toEqual(['E_CA_EXPIRED']);
    chmodSync(join(dir.path, 'ca.key'), 0o640);
    const reply = await applyControllerOp(leafOp(dir.path), now);
    expect(reply.stderr).toBe(
      `E_CA_KEY_MODE ${dir.path}/ca.key has mode 0640: others on this machine can read or change the CA key\nchmod 600 ${dir.path}/ca.key\n`,
    );
    expect(readdirSync(dir.path).sort()).toEqual(['ca.crt', 'ca.key']);
  });

  test('is not left through names or links', async () => {
    using dir = new TestDir();
    const [pki, outside] = [join(dir.path, 'pki'), join(dir.path, 'outside')];
    mkdirSync(outside);
    await applyControllerOp(caOp(pki), now);
    for (const name of ['../x', '/etc/x', 'a//b', 'a/./b', '', 'ca', 'a/..', 'a\0b']) {
      expect([name, codes(await applyControllerOp(leafOp(pki, name), now))]).toEqual([name, ['E_CERT_FILE']]);
      expect((await controllerFact({kind: 'pki', dir: pki, names: [name]})).certificates[name]?.error).toBeDefined();
    }
    symlinkSync(outside, join(pki, 'etcd-1'));
    expect(codes(await applyControllerOp(leafOp(pki), now))).toEqual(['E_PKI_DIR']);
    symlinkSync(join(outside, 'server.key'), join(pki, 'server.key'));
    expect(codes(await applyControllerOp(leafOp(pki, 'server'), now))).toEqual(['E_CERT_FILE']);
    chmodSync(pki, 0o777);
    expect(codes(await applyControllerOp(leafOp(pki, 'other'), now))).toEqual(['E_PKI_DIR']);
    expect(readdirSync(outside)).toEqual([]);
  });

  test('with a CA key behind a symbolic link tells so and does not read it', async () => {
    using dir = new TestDir();
    await applyControllerOp(caOp(dir.path), now);
    renameSync(join(dir.path, 'ca.key'), join(dir.path, 'real'));
    symlinkSync(join(dir.path, 'real'), join(dir.path, 'ca.key'));
    const {ca} = await controllerFact({kind: 'pki', dir: dir.path, names: []});
    expect(ca).toMatchObject({
      certExists: true,
      keyExists: true,
      error: `${dir.path}/ca.key is a symbolic link, which is not followed for private keys`,
    });
    expect(ca.keyMatchesCert).toBe(undefined);
    expect(codes(await applyControllerOp(leafOp(dir.path), now))).toEqual(['E_CA_UNREADABLE']);
  });

  test('with an interrupted renewal (new key, old certificate) gives the reason to issue again, and issuing mends it', async () => {
    using dir = new TestDir();
    await applyControllerOp(caOp(dir.path), now);
    await applyControllerOp(leafOp(dir.path, 'a'), now);
    await applyControllerOp(leafOp(dir.path, 'b'), now);
    writeFileSync(join(dir.path, 'a.key'), readFileSync(join(dir.path, 'b.key')));
    const reason = async () => {
      const fact = (await controllerFact({kind: 'pki', dir: dir.path, names: ['a']})).certificates['a'];
      return fact && reissueReason(leafOp(dir.path, 'a').request, fact, NOW, 30);
    };
    expect(await reason()).toBe('key does not match');
    await applyControllerOp(leafOp(dir.path, 'a'), now);
    expect(await reason()).toBe(undefined);
  });
});

test('a file of the controller is read whole, with its checksum', async () => {
  using dir = new TestDir();
  const path = dir.write('file', 'content');
  expect(await readControllerFile(path)).toEqual({bytes: Buffer.from('content'), sha256: sha256('content')});
  await expect(readControllerFile(join(dir.path, 'none'))).rejects.toMatchObject({
    name: 'ControllerError',
    diagnostic: {
      code: 'E_CONTROLLER_FILE',
      severity: 'error',
      message: `cannot read ${join(dir.path, 'none')} on the controller (ENOENT)`,
    },
  });
});

test('only operations and questions of the controller are taken', () => {
  expect(
    [caOp('/p'), leafOp('/p'), {kind: 'write', path: '/x', content: ''} as const].map(op => isControllerOp(op)),
  ).toEqual([true, true, false]);
  expect(
    (
      [
        {kind: 'pki', dir: '/p', names: []},
        {kind: 'path', path: '/x'},
      ] as const
    ).map(probe => isControllerProbe(probe)),
  ).toEqual([true, false]);
});

import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {gunzipSync, gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {openUpload} from '../../src/execute/controller-op.ts';
import {controllerFact} from '../../src/execute/controller-probe.ts';
import {releaseFact} from '../../src/execute/release.ts';
import {cacheRoot} from '../../src/execute/release-cache.ts';
import {checksumFor} from '../../src/execute/release-source.ts';
import {releaseEntries, sha256, TestDir, tarGz} from './release-fixtures.ts';

const NAME = 'etcd-v3.5.30-linux-amd64.tar.gz';

/** A directory with a release, its checksums and a cache. */
async function releaseIn(dir: TestDir, archive?: Buffer) {
  const bytes = archive ?? (await tarGz(releaseEntries()));
  const path = dir.write(`dist/${NAME}`, bytes);
  dir.write('dist/SHA256SUMS', `${sha256('other')}  other.tar.gz\n${sha256(bytes)}  ${NAME}\n`);
  return {path, bytes, cache: join(dir.path, 'cache')};
}

const refusal = (fact: {ok: boolean; code?: string; message?: string}) => (fact.ok ? 'accepted' : fact.code);

/** Answers requests on loopback; `requests` are the paths that were asked for. */
async function serving(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? '');
    handler(request, response);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    requests,
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

describe('a local archive', () => {
  test('is verified against SHA256SUMS beside it and unpacked into the cache: three files and no more', async () => {
    using dir = new TestDir();
    const {path, bytes, cache} = await releaseIn(dir);
    const unpacked = join(cache, 'releases', sha256(bytes));
    expect(await releaseFact({archive: path}, {cache})).toEqual({
      ok: true,
      version: '3.5.30',
      arch: 'amd64',
      archive: path,
      archiveSha256: sha256(bytes),
      files: ['etcd', 'etcdctl', 'etcdutl'].map(name => ({
        name,
        path: join(unpacked, name),
        sha256: sha256(`${name} 3.5.30`),
        sizeBytes: `${name} 3.5.30`.length,
      })),
    });
    expect(readdirSync(unpacked).sort()).toEqual([
      'etcd',
      'etcd.gz',
      'etcdctl',
      'etcdctl.gz',
      'etcdutl',
      'etcdutl.gz',
      'manifest.json',
    ]);
    expect(readFileSync(join(unpacked, 'etcd'), 'utf8')).toBe('etcd 3.5.30');
    expect((statSync(join(unpacked, 'etcdctl')).mode & 0o7777).toString(8)).toBe('700');
    expect((statSync(join(cache, 'releases')).mode & 0o777).toString(8)).toBe('700');
  });

  test('is not read again by a second run, and is when it changes', async () => {
    using dir = new TestDir();
    const {path, bytes, cache} = await releaseIn(dir);
    const first = await releaseFact({archive: path}, {cache});
    const texts: string[] = [];
    expect(await releaseFact({archive: path}, {cache, onProgress: text => texts.push(text)})).toEqual(first);
    expect(texts).toEqual([]);
    // Same size, other bytes.
    writeFileSync(path, Buffer.from(bytes).fill(0, 20, 30));
    expect(refusal(await releaseFact({archive: path}, {cache}))).toBe('E_ARCHIVE_CHECKSUM');
  });

  test('is unpacked again where somebody touched the cache', async () => {
    using dir = new TestDir();
    const {path, bytes, cache} = await releaseIn(dir);
    const first = await releaseFact({archive: path}, {cache});
    const etcd = join(cache, 'releases', sha256(bytes), 'etcd');
    writeFileSync(etcd, 'evil 3.5.30'.slice(0, 11));
    utimesSync(etcd, 1, 1);
    expect(await releaseFact({archive: path}, {cache})).toEqual(first);
    expect(readFileSync(etcd, 'utf8')).toBe('etcd 3.5.30');
    expect(readdirSync(join(cache, 'releases'))).toEqual([sha256(bytes)]);
  });

  test('is unpacked once however many ask at the same time', async () => {
    using dir = new TestDir();
    const {path, cache} = await releaseIn(dir);
    const texts: string[] = [];
    const facts = await Promise.all(
      Array.from({length: 12}, () => releaseFact({archive: path}, {cache, onProgress: text => texts.push(text)})),
    );
    expect(facts).toEqual(facts.map(() => facts[0]));
    expect(texts).toEqual([`unpacking ${NAME}`]);
    expect([
      ...readdirSync(join(cache, 'locks')),
      ...readdirSync(join(cache, 'releases')).filter(name => name.endsWith('.part')),
    ]).toEqual([]);
  });

  test('of 3.4 has no etcdutl; a prefix ./ and a foreign directory name are fine', async () => {
    using dir = new TestDir();
    const bytes = await tarGz([
      {name: './', type: 'directory'},
      {name: './build/etcd', content: 'e'},
      {name: './build/etcdctl', content: 'c'},
    ]);
    const path = dir.write('etcd-v3.4.23-linux-arm64.tar.gz', bytes);
    const fact = await releaseFact(
      {archive: `file://${path}`, sha256: `sha256:${sha256(bytes).toUpperCase()}`, version: 'v3.4.23'},
      {cache: join(dir.path, 'c')},
    );
    expect(fact.ok && [fact.version, fact.arch, fact.archive, fact.files.map(({name}) => name)]).toEqual([
      '3.4.23',
      'arm64',
      path,
      ['etcd', 'etcdctl'],
    ]);
  });

  test('without a checksum, or with another one, is refused before anything is unpacked', async () => {
    using dir = new TestDir();
    const {path, bytes, cache} = await releaseIn(dir);
    const wrong = sha256('x');
    expect(await releaseFact({archive: path, sha256: wrong}, {cache})).toEqual({
      ok: false,
      code: 'E_ARCHIVE_CHECKSUM',
      message: `${NAME} has SHA-256 ${sha256(bytes)}, but it must be ${wrong}`,
      hint: 'the archive is damaged, changed, or of another release: get it again and compare. Nothing was unpacked.',
    });
    dir.write('dist/SHA256SUMS', `${sha256(bytes)}  another-${NAME}\n`);
    expect(await releaseFact({archive: path}, {cache})).toMatchObject({
      code: 'E_ARCHIVE_UNVERIFIED',
      message: expect.stringContaining('does not name it'),
    });
    renameSync(join(dir.path, 'dist/SHA256SUMS'), join(dir.path, 'dist/gone'));
    expect(await releaseFact({archive: path}, {cache})).toMatchObject({
      code: 'E_ARCHIVE_UNVERIFIED',
      message: expect.stringContaining('there is no'),
    });
    expect(existsSync(join(cache, 'releases'))).toBe(false);
  });

  test.each<[string, Parameters<typeof releaseFact>[0], string]>([
    ['nothing', {}, 'E_ARCHIVE_MISSING'],
    ['a path where nothing is', {archive: `/nowhere/${NAME}`}, 'E_ARCHIVE_MISSING'],
    ['an unknown scheme', {archive: `s3://bucket/${NAME}`}, 'E_ARCHIVE_MISSING'],
    ['a name without version', {archive: '/tmp/etcd.tar.gz'}, 'E_ARCHIVE_NAME'],
    ['another version than the archive', {archive: `/tmp/${NAME}`, version: '3.5.3'}, 'E_ARCHIVE_VERSION'],
    ['half a version', {version: '3.5'}, 'E_ARCHIVE_VERSION'],
    ['another architecture than the archive', {archive: `/tmp/${NAME}`, arch: 'arm64'}, 'E_ARCHIVE_ARCH'],
    ['half a checksum', {version: '3.5.30', sha256: 'abc'}, 'E_ARCHIVE_CHECKSUM'],
  ])('is refused for %s', async (_, args, code) => {
    using dir = new TestDir();
    expect(refusal(await releaseFact(args, {cache: dir.path}))).toBe(code);
  });
});

describe('a hostile or broken archive', () => {
  const top = 'etcd-v3.5.30-linux-amd64';
  const elf = (machine: number) =>
    Buffer.concat([Buffer.from('7f454c46020101', 'hex'), Buffer.alloc(11), Buffer.of(machine, 0), Buffer.alloc(20)]);
  test.each<[string, Parameters<typeof tarGz>[0], string]>([
    ['a path that climbs out', [...releaseEntries(), {name: `${top}/../../evil`, content: 'x'}], 'E_ARCHIVE_UNSAFE'],
    ['an absolute path', [{name: '/etc/passwd', content: 'x'}, ...releaseEntries()], 'E_ARCHIVE_UNSAFE'],
    ['a symbolic link named etcd', [{name: `${top}/etcd`, type: 'symlink', linkname: '/bin/sh'}], 'E_ARCHIVE_UNSAFE'],
    ['a hard link named etcdctl', [{name: `${top}/etcdctl`, type: 'link', linkname: '/bin/sh'}], 'E_ARCHIVE_UNSAFE'],
    [
      'a device named etcdutl',
      [{name: `${top}/etcdutl`, type: 'character-device', devmajor: 1, devminor: 5}],
      'E_ARCHIVE_UNSAFE',
    ],
    ['a directory named etcd', [{name: `${top}/etcd`, type: 'directory'}], 'E_ARCHIVE_UNSAFE'],
    ['etcd twice', [...releaseEntries(), {name: `${top}/etcd`, content: 'other'}], 'E_ARCHIVE_UNSAFE'],
    ['no etcdctl', [{name: `${top}/etcd`, content: 'x'}], 'E_ARCHIVE_INCOMPLETE'],
    ['nothing', [], 'E_ARCHIVE_INCOMPLETE'],
    ['another version inside', releaseEntries('3.5.29'), 'E_ARCHIVE_VERSION'],
    ['another architecture inside', releaseEntries('3.5.30', 'etcd-v3.5.30-linux-arm64'), 'E_ARCHIVE_VERSION'],
    [
      'a program for another processor',
      [
        {name: `${top}/etcd`, content: elf(0xb7)},
        {name: `${top}/etcdctl`, content: elf(0x3e)},
      ],
      'E_ARCHIVE_ARCH',
    ],
  ])('with %s is refused, and nothing of it stays', async (_, entries, code) => {
    using dir = new TestDir();
    const {path, cache} = await releaseIn(dir, await tarGz(entries));
    expect(refusal(await releaseFact({archive: path}, {cache}))).toBe(code);
    expect(readdirSync(join(cache, 'releases'))).toEqual([]);
  });

  test('that claims an absurd size is refused before it is written', async () => {
    using dir = new TestDir();
    const header = Buffer.alloc(1024);
    header.write(`${top}/etcd`, 0);
    header.write('0000755\x000000000\x000000000\x0010000000000\x0000000000000\x00        0', 100);
    header.write('ustar\x0000', 257);
    header.write(
      `${header
        .subarray(0, 512)
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\x00 `,
      148,
    );
    const {path, cache} = await releaseIn(dir, gzipSync(header));
    expect(await releaseFact({archive: path}, {cache})).toMatchObject({
      code: 'E_ARCHIVE_UNSAFE',
      message: expect.stringContaining('1073741824 bytes'),
    });
  });

  test.each<[string, (whole: Buffer) => Buffer]>([
    ['cut gzip', whole => whole.subarray(0, whole.length - 30)],
    ['a cut tar in a whole gzip', whole => gzipSync(gunzipSync(whole).subarray(0, 2700))],
    ['bytes that are no gzip', () => Buffer.from('<html>not found</html>')],
    ['no bytes', () => Buffer.alloc(0)],
  ])('(%s) is called corrupt', async (_, damage) => {
    using dir = new TestDir();
    const {path, cache} = await releaseIn(dir, damage(await tarGz(releaseEntries())));
    expect(refusal(await releaseFact({archive: path}, {cache}))).toMatch(/E_ARCHIVE_(CORRUPT|INCOMPLETE)/);
    expect(readdirSync(join(cache, 'releases'))).toEqual([]);
  });
});

describe('a download', () => {
  const files = async () => {
    const bytes = await tarGz(releaseEntries());
    return new Map<string, Buffer | string>([
      [`/v3.5.30/${NAME}`, bytes],
      ['/v3.5.30/SHA256SUMS', `${sha256(bytes)}  ${NAME}\n`],
    ]);
  };
  const serveFiles = (known: Map<string, Buffer | string>) => (request: IncomingMessage, response: ServerResponse) => {
    const body = known.get(request.url ?? '');
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, {'content-length': body.length}).end(body);
  };

  test('brings a version once; the second run asks nobody', async () => {
    using dir = new TestDir();
    await using server = await serving(serveFiles(await files()));
    const args = {kind: 'release', version: '3.5.30', releaseUrl: `${server.base}/`} as const;
    const progress: string[] = [];
    const fact = await controllerFact(args, {cache: dir.path, onProgress: text => progress.push(text)});
    expect(fact.ok && [fact.version, fact.archive]).toEqual(['3.5.30', `${server.base}/v3.5.30/${NAME}`]);
    expect(server.requests).toEqual(['/v3.5.30/SHA256SUMS', `/v3.5.30/${NAME}`]);
    expect(progress).toEqual([
      expect.stringMatching(/^downloading etcd-v3.5.30-linux-amd64.tar.gz: 0\.0 of 0\.0 MB$/),
      `unpacking ${NAME}`,
    ]);
    expect(await controllerFact(args, {cache: dir.path})).toEqual(fact);
    expect(server.requests).toHaveLength(2);
    expect(readdirSync(join(dir.path, 'downloads'))).toEqual([]);
  });

  test('follows redirects, shows no password, and needs no SHA256SUMS where the checksum is given', async () => {
    using dir = new TestDir();
    const known = await files();
    await using server = await serving((request, response) => {
      if (request.url === `/a/${NAME}?token=s3cr3t`) response.writeHead(302, {location: `../v3.5.30/${NAME}`}).end();
      else serveFiles(known)(request, response);
    });
    const archive = `${server.base.replace('//', '//user:s3cr3t@')}/a/${NAME}?token=s3cr3t`;
    const fact = await releaseFact({archive, sha256: sha256(known.get(`/v3.5.30/${NAME}`) ?? '')}, {cache: dir.path});
    expect(fact.ok && fact.archive).toBe(`${server.base}/a/${NAME}`);
    expect(server.requests).toEqual([`/a/${NAME}?token=s3cr3t`, `/v3.5.30/${NAME}`]);
  });

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void, string, RegExp]>([
    [
      'is not there',
      (_, response) => response.writeHead(404).end(),
      'E_ARCHIVE_UNVERIFIED',
      /there is no http.*SHA256SUMS/,
    ],
    ['is forbidden', (_, response) => response.writeHead(403).end(), 'E_DOWNLOAD', /status 403/],
    [
      'redirects in a circle',
      (_, response) => response.writeHead(302, {location: '/x'}).end(),
      'E_DOWNLOAD',
      /more than 5 redirects/,
    ],
    [
      'redirects to a file',
      (_, response) => response.writeHead(302, {location: 'file:///etc/passwd'}).end(),
      'E_DOWNLOAD',
      /redirects from http:\/\/ to file:/,
    ],
    ['says nothing', () => undefined, 'E_DOWNLOAD', /no answer for 0.2 s/],
    [
      'stops in the middle',
      (_, response) => response.writeHead(200, {'content-length': '1000'}).write('abc'),
      'E_DOWNLOAD',
      /no answer for 0.2 s/,
    ],
    [
      'hangs up in the middle',
      (_, response) => response.writeHead(200, {'content-length': '1000'}).write('abc', () => response.destroy()),
      'E_DOWNLOAD',
      /aborted/,
    ],
    [
      'is endless',
      (_, response) => response.writeHead(200, {'content-length': '99999999999'}).write('abc'),
      'E_DOWNLOAD',
      /too big/,
    ],
  ])('from a server that %s is refused in words', async (_, handler, code, message) => {
    using dir = new TestDir();
    await using server = await serving(handler);
    const fact = await releaseFact({version: '3.5.30', releaseUrl: server.base}, {cache: dir.path, idleMs: 200});
    expect(fact).toMatchObject({ok: false, code, message: expect.stringMatching(message)});
  });

  test('of an archive that is not what SHA256SUMS says is refused and thrown away', async () => {
    using dir = new TestDir();
    const known = await files();
    known.set(`/v3.5.30/${NAME}`, Buffer.from('something else'));
    await using server = await serving(serveFiles(known));
    expect(refusal(await releaseFact({version: '3.5.30', releaseUrl: server.base}, {cache: dir.path}))).toBe(
      'E_ARCHIVE_CHECKSUM',
    );
    expect([...readdirSync(join(dir.path, 'downloads')), existsSync(join(dir.path, 'releases'))]).toEqual([false]);
  });

  test('that cannot reach its server says how to go on, and that a proxy is not used', async () => {
    using dir = new TestDir();
    const before = process.env['HTTPS_PROXY'];
    process.env['HTTPS_PROXY'] = 'http://proxy.invalid:3128';
    try {
      expect(await releaseFact({version: '3.5.30', releaseUrl: 'http://127.0.0.1:1'}, {cache: dir.path})).toEqual({
        ok: false,
        code: 'E_DOWNLOAD',
        message:
          'cannot download http://127.0.0.1:1/v3.5.30/SHA256SUMS: connect ECONNREFUSED 127.0.0.1:1 (ECONNREFUSED)',
        hint: 'HTTPS_PROXY is set, but proxies are not used for downloads: set etcd_release_url to a mirror that this machine can reach, or etcd_archive to the path of an archive with SHA256SUMS beside it.',
      });
    } finally {
      if (before === undefined) delete process.env['HTTPS_PROXY'];
      else process.env['HTTPS_PROXY'] = before;
    }
  });

  test('can be interrupted', async () => {
    using dir = new TestDir();
    await using server = await serving(() => undefined);
    const fact = await releaseFact(
      {version: '3.5.30', releaseUrl: server.base},
      {cache: dir.path, signal: AbortSignal.timeout(50)},
    );
    expect(refusal(fact)).toBe('E_DOWNLOAD');
  });
});

test('uploads of a release come compressed out of the cache, others are compressed on the way', async () => {
  using dir = new TestDir();
  const {path, bytes, cache} = await releaseIn(dir);
  await releaseFact({archive: path}, {cache});
  const plain = dir.write('plain', 'plain text');
  dir.write('plain.gz', 'not its compressed form');
  for (const [file, text] of [
    [join(cache, 'releases', sha256(bytes), 'etcd'), 'etcd 3.5.30'],
    [plain, 'plain text'],
  ] as const) {
    const {stream, sizeBytes} = await openUpload(file, cache);
    const sent = Buffer.concat(await stream.toArray());
    expect([sent.length, gunzipSync(sent).toString()]).toEqual([sizeBytes, text]);
  }
  expect(readdirSync(join(cache, 'uploads'))).toEqual([]);
});

test('a cache that cannot be written is a fact with a remedy', async () => {
  using dir = new TestDir();
  const {path} = await releaseIn(dir);
  symlinkSync('/proc/1/nowhere', join(dir.path, 'blocked'));
  expect(refusal(await releaseFact({archive: path}, {cache: join(dir.path, 'blocked', 'x')}))).toBe('E_RELEASE_CACHE');
});

test('the cache is where XDG_CACHE_HOME says, if that is an absolute path', () => {
  expect(cacheRoot({XDG_CACHE_HOME: '/var/cache/me'})).toBe('/var/cache/me/etcdctl-play');
  expect(cacheRoot({XDG_CACHE_HOME: 'relative'})).toMatch(/^\/.*\/\.cache\/etcdctl-play$/);
});

test('checksums are found in text and binary notation, with ./ and with carriage returns', () => {
  const sum = sha256('x');
  const line = (text: string) => checksumFor(NAME, text);
  expect(
    [
      `${sum}  ${NAME}`,
      `${sum} *${NAME}\r\n`,
      `${sum.toUpperCase()}  ./${NAME}\n`,
      `${sum}  x${NAME}`,
      `${sum.slice(1)}  ${NAME}`,
    ].map(line),
  ).toEqual([sum, sum, sum, undefined, undefined]);
});

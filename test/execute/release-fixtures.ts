/** Small archives and directories for the tests of releases and of the controller's files. */
import {createHash} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {type Header, pack} from 'tar-stream';

/** An entry of an archive. */
export type Entry = Partial<Header> & {readonly name: string; readonly content?: string | Uint8Array};

/** SHA-256, lower-case hex. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A temporary directory that goes with its test. */
export class TestDir {
  readonly path = mkdtempSync(join(tmpdir(), 'execute-test-'));

  write(name: string, bytes: string | Uint8Array, mode = 0o644): string {
    const path = join(this.path, name);
    mkdirSync(join(path, '..'), {recursive: true});
    writeFileSync(path, bytes, {mode});
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, {recursive: true, force: true});
  }
}

/** A gzip-compressed tar of entries. */
export async function tarGz(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const {content, ...header} of entries) {
    if (content === undefined) tar.entry(header, '');
    else tar.entry(header, content);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar as unknown as AsyncIterable<Buffer>) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks));
}

/** Entries of a release as etcd makes them. */
export function releaseEntries(version = '3.5.30', top = `etcd-v${version}-linux-amd64`): Entry[] {
  return [
    {name: `${top}/`, type: 'directory'},
    {name: `${top}/README.md`, content: 'read me'},
    {name: `${top}/Documentation/`, type: 'directory'},
    {name: `${top}/Documentation/etcdctl`, content: 'not the program'},
    {name: `${top}/etcd`, content: `etcd ${version}`, mode: 0o755},
    {name: `${top}/etcdctl`, content: `etcdctl ${version}`, mode: 0o4755},
    {name: `${top}/etcdutl`, content: `etcdutl ${version}`, mode: 0o755},
  ];
}

/** Which etcd release is meant: a file or a URL, its version and architecture, and the checksum it must have. */
import {basename, dirname} from 'node:path';
import {fileURLToPath} from 'node:url';
import {err, ok, type Result} from '../base/result.ts';
import type {ReleaseFact} from '../task/fact.ts';
import type {ReleaseArgs} from '../task/probe.ts';
import {controllerPath} from './controller-file.ts';

/** Why there is no release. */
export type Refused = Extract<ReleaseFact, {ok: false}>;

/** A release to be had. */
export interface ReleaseSource {
  /** Where the archive is: a path, or a URL. */
  readonly at: {readonly kind: 'file'; readonly path: string} | {readonly kind: 'url'; readonly url: URL};
  /** File name of the archive. */
  readonly name: string;
  /** Without `v`. */
  readonly version: string;
  /** etcd's word: `amd64`, `arm64` … */
  readonly arch: string;
  /** Lower-case hex, where the user gave one: it then replaces `SHA256SUMS`. */
  readonly sha256?: string;
}

/** Where etcd's own releases are. */
export const RELEASE_URL = 'https://github.com/etcd-io/etcd/releases/download';

const ARCHIVE_NAME = /^etcd-v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)-linux-([a-z0-9]+)\.tar\.gz$/;
const VERSION = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)$/;

/** A refusal as a result. */
export function refuse(
  code: `E_${string}`,
  message: string,
  hint: string,
): {readonly ok: false; readonly error: Refused} {
  return err({ok: false, code, message, hint});
}

/** Understands the arguments; touches nothing. */
export function releaseSource(args: ReleaseArgs): Result<ReleaseSource, Refused> {
  const checksum =
    args.sha256 === undefined
      ? undefined
      : /^(?:sha256:)?([0-9a-f]{64})$/i.exec(args.sha256.trim())?.[1]?.toLowerCase();
  if (args.sha256 !== undefined && checksum === undefined) {
    return refuse(
      'E_ARCHIVE_CHECKSUM',
      `"${args.sha256}" is not a SHA-256 checksum`,
      'give 64 hexadecimal digits, as in SHA256SUMS.',
    );
  }
  const version = args.version === undefined ? undefined : VERSION.exec(String(args.version).trim())?.[1];
  if (args.version !== undefined && version === undefined) {
    return refuse(
      'E_ARCHIVE_VERSION',
      `"${args.version}" is not an etcd version`,
      'write all three numbers, such as 3.5.30.',
    );
  }
  const located = args.archive === undefined ? fromVersion(args, version) : locate(args.archive);
  if (!located.ok) return located;
  const name = located.value.kind === 'file' ? basename(located.value.path) : basename(located.value.url.pathname);
  const parts = ARCHIVE_NAME.exec(name);
  const [, named = '', arch = ''] = parts ?? [];
  if (parts === null) {
    return refuse(
      'E_ARCHIVE_NAME',
      `the archive is called "${name}", which does not tell version and architecture`,
      'keep the name of the release: etcd-vX.Y.Z-linux-ARCH.tar.gz.',
    );
  }
  if (version !== undefined && version !== named) {
    return refuse(
      'E_ARCHIVE_VERSION',
      `version ${version} is asked for, but the archive is ${name}`,
      'give the archive of that version, or leave out one of the two.',
    );
  }
  if (args.arch !== undefined && args.arch !== arch) {
    return refuse(
      'E_ARCHIVE_ARCH',
      `an archive for ${args.arch} is asked for, but it is ${name}`,
      `give the archive for linux-${args.arch}.`,
    );
  }
  return ok({at: located.value, name, version: named, arch, ...(checksum === undefined ? {} : {sha256: checksum})});
}

/** Where `SHA256SUMS` of a release is looked for: beside the archive. */
export function checksumsBeside(at: ReleaseSource['at']): ReleaseSource['at'] {
  if (at.kind === 'file') return {kind: 'file', path: `${dirname(at.path)}/SHA256SUMS`};
  const url = new URL(at.url);
  url.pathname = `${url.pathname.slice(0, url.pathname.lastIndexOf('/'))}/SHA256SUMS`;
  return {kind: 'url', url};
}

/** The place for people: without the password and the query that a URL may hold. */
export function placeText(at: ReleaseSource['at']): string {
  return at.kind === 'file' ? at.path : `${at.url.protocol}//${at.url.host}${at.url.pathname}`;
}

/** The checksum (lower-case hex) that a `SHA256SUMS` text gives for a file name. */
export function checksumFor(name: string, sums: string): string | undefined {
  for (const line of sums.split('\n')) {
    const [, sha256, file] = /^([0-9a-fA-F]{64})[ \t]+\*?(?:\.\/)?(.+?)\s*$/.exec(line) ?? [];
    if (file === name) return sha256?.toLowerCase();
  }
  return undefined;
}

function fromVersion(args: ReleaseArgs, version: string | undefined): Result<ReleaseSource['at'], Refused> {
  if (version === undefined) {
    return refuse(
      'E_ARCHIVE_MISSING',
      'neither an archive nor a version of etcd is given',
      'set etcd_archive to a path or URL, or etcd_version to a version.',
    );
  }
  const base = (args.releaseUrl ?? RELEASE_URL).replace(/\/+$/, '');
  return locate(`${base}/v${version}/etcd-v${version}-linux-${args.arch ?? 'amd64'}.tar.gz`);
}

function locate(place: string): Result<ReleaseSource['at'], Refused> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(place)?.[1]?.toLowerCase();
  if (scheme === undefined) return ok({kind: 'file', path: controllerPath(place)});
  const url = URL.canParse(place) ? new URL(place) : undefined;
  if (url !== undefined && (scheme === 'http' || scheme === 'https')) return ok({kind: 'url', url});
  if (url !== undefined && scheme === 'file' && url.host === '') return ok({kind: 'file', path: fileURLToPath(url)});
  return refuse(
    'E_ARCHIVE_MISSING',
    `"${place.replace(/\/\/[^/@]*@/, '//')}" is neither a path nor an http, https or file URL`,
    'correct etcd_archive or etcd_release_url.',
  );
}

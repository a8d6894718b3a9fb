/** What the name of a release archive tells, and how a release is asked for. */
import type {Probe} from './probe.ts';

/** The question for a release, from a kind's arguments ('' = not given). Kinds that ask in the same words are answered once. */
export function releaseProbe(args: {
  readonly archive: string;
  readonly sha256: string;
  readonly version: string;
  readonly arch: string;
  readonly release_url: string;
}): Extract<Probe, {kind: 'release'}> {
  return {
    kind: 'release',
    ...(args.archive === '' ? {} : {archive: args.archive}),
    ...(args.sha256 === '' ? {} : {sha256: args.sha256}),
    ...(args.archive !== '' || args.version === '' ? {} : {version: args.version}),
    arch: args.arch,
    ...(args.release_url === '' ? {} : {releaseUrl: args.release_url}),
  };
}

/** `3.5.30` from `…/etcd-v3.5.30-linux-amd64.tar.gz`; undefined where the name is another. */
export function releaseVersion(archive: string | undefined): string | undefined {
  return /(?:^|\/)etcd-v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)-linux-[a-z0-9]+\.tar\.gz$/.exec(archive ?? '')?.[1];
}

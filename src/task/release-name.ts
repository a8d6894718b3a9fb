/** What the name of a release archive tells. */

/** `3.5.30` from `…/etcd-v3.5.30-linux-amd64.tar.gz`; undefined where the name is another. */
export function releaseVersion(archive: string | undefined): string | undefined {
  return /(?:^|\/)etcd-v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)-linux-[a-z0-9]+\.tar\.gz$/.exec(archive ?? '')?.[1];
}

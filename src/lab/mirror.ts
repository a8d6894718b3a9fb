/** The address of the Debian archive, read from this machine's own configuration. */
import {readFile} from 'node:fs/promises';
import {run} from './command.ts';
import {LabError} from './error.ts';

const DEBIAN_SUITES = /^(bullseye|bookworm|trixie|forky|sid|oldoldstable|oldstable|stable|testing|unstable)$/;

/**
 * The archive among lines `URI|RELEASE|COMPONENT`, or undefined: main of a Debian suite itself, because the
 * security and updates archives hold only a part of the packages.
 */
export function archiveOf(indexTargets: string): string | undefined {
  for (const line of indexTargets.split('\n')) {
    const [uri = '', release = '', component] = line.trim().split('|');
    if (/^(https?|file|copy):/.test(uri) && component === 'main' && DEBIAN_SUITES.test(release))
      return uri.replace(/\/+$/, '');
  }
  return undefined;
}

/** The archive that a debootstrap script uses where nobody names one. */
export function defaultArchiveOf(debootstrap: string): string | undefined {
  return /^DEF_MIRROR="?([^"\s]+)"?$/m.exec(debootstrap)?.[1];
}

/** The Debian archive of this machine: apt's own, else (no Debian machine) debootstrap's default. */
export async function debianArchive(): Promise<string> {
  const format = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
  const targets = await run(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  const own = archiveOf(targets.stdout);
  if (own !== undefined) return own;
  const script = await readFile('/usr/sbin/debootstrap', 'utf8').catch(() => '');
  const fallback = defaultArchiveOf(script);
  if (fallback !== undefined) return fallback;
  throw new LabError(
    'no Debian archive is configured: apt-get indextargets names none, and debootstrap has no default',
  );
}

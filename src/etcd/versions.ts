/** What is known of etcd's releases: which are kept up, which lose data, which step leads to which. Facts, not code: the table ages. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';

/** A release: `3.5.30`. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** One line of releases, `3.5`. */
interface ReleaseLine {
  /** Still gets fixes. */
  readonly supported: boolean;
  /** The first patch without a known security hole (GHSA-6vch, GHSA-xg4h and earlier: etcd's blog, 2026). */
  readonly safePatch: number;
  /** Patches that can lose or corrupt data (etcd's postmortem "v3.5 data inconsistency"): never run them. */
  readonly brokenPatches?: readonly number[];
  /** The patch from which an upgrade to this line may start: below `required` members come back as zombies or are lost. */
  readonly from?: {readonly required: number; readonly advised: number};
}

/** By `major.minor`; state of August 2026. Every line but the first is reached from the one above it. */
const LINES: Readonly<Record<string, ReleaseLine>> = {
  '3.4': {supported: false, safePatch: 45},
  '3.5': {supported: true, safePatch: 33, brokenPatches: [0, 1, 2], from: {required: 0, advised: 0}},
  '3.6': {supported: true, safePatch: 14, from: {required: 26, advised: 32}},
  '3.7': {supported: true, safePatch: 1, from: {required: 11, advised: 11}},
};

/** Reads `3.5.30` or `v3.5.30`; what follows a `-` or `+` is left aside. Undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:[-+][0-9A-Za-z.+-]+)?$/.exec(text.trim());
  if (match === null) return undefined;
  return {major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3])};
}

/** `3.5.30`. */
export function formatVersion({major, minor, patch}: Version): string {
  return `${major}.${minor}.${patch}`;
}

/** Negative where `a` is older, positive where newer, 0 for the same release. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

/** `3.5`: the line a release belongs to. */
export function lineOf({major, minor}: Version): string {
  return `${major}.${minor}`;
}

/** What speaks against running a release: broken, no longer kept up, unknown to this program, or with known holes. */
export function versionProblems(text: string): readonly Diagnostic[] {
  const version = parseVersion(text);
  if (version === undefined) {
    return [problem('E_ETCD_VERSION', `"${text}" is not an etcd version`, {hint: 'write it as "3.6.14".'})];
  }
  const line = LINES[lineOf(version)];
  const name = `etcd ${formatVersion(version)}`;
  if (line === undefined) {
    return [
      warning(
        'W_ETCD_VERSION_UNKNOWN',
        `${name} is not among the releases this program knows (${Object.keys(LINES).join(', ')})`,
        {
          hint: 'its options and limits cannot be checked; try it on a cluster that may break first.',
        },
      ),
    ];
  }
  if (line.brokenPatches?.includes(version.patch)) {
    const hint = `use ${lineOf(version)}.${line.safePatch} or later.`;
    return [problem('E_ETCD_VERSION_BROKEN', `${name} can lose or corrupt data when it is killed under load`, {hint})];
  }
  if (!line.supported) {
    return [
      warning('W_ETCD_VERSION_EOL', `${name}: the ${lineOf(version)} releases get no more fixes`, {
        hint: 'plan an upgrade, one minor version at a time.',
      }),
    ];
  }
  if (version.patch >= line.safePatch) return [];
  const hint = `use ${lineOf(version)}.${line.safePatch} or later.`;
  return [warning('W_ETCD_VERSION_UNSAFE', `${name} has security holes that are known and fixed`, {hint})];
}

/** What speaks against replacing one release by another on a cluster with data. */
export function upgradeProblems(fromText: string, toText: string): readonly Diagnostic[] {
  const from = parseVersion(fromText);
  const to = parseVersion(toText);
  if (from === undefined || to === undefined) return versionProblems(from === undefined ? fromText : toText);
  const step = `from etcd ${formatVersion(from)} to ${formatVersion(to)}`;
  if (lineOf(from) === lineOf(to)) return [];
  if (compareVersions(to, from) < 0) {
    return [
      problem('E_ETCD_DOWNGRADE', `${step} is a downgrade, which needs the cluster's consent first`, {
        hint: 'etcd 3.6 and later: "etcdctl downgrade enable", wait until every member has the older storage version, then change the version; older: restore a snapshot.',
      }),
    ];
  }
  if (to.major !== from.major || to.minor !== from.minor + 1) {
    const next = `${from.major}.${from.minor + 1}`;
    return [
      problem('E_ETCD_UPGRADE_SKIPS', `${step} leaves out a minor version`, {
        hint: `upgrade to ${next} first, all members, then go on.`,
      }),
    ];
  }
  return patchProblems(from, to, step);
}

function patchProblems(from: Version, to: Version, step: string): readonly Diagnostic[] {
  const needs = LINES[lineOf(to)]?.from;
  if (needs === undefined || from.patch >= needs.advised) return [];
  if (from.patch < needs.required) {
    return [
      problem(
        'E_ETCD_UPGRADE_FROM',
        `${step}: before ${lineOf(from)}.${needs.required} an upgrade can bring removed members back or lose learners`,
        {
          hint: `upgrade every member to ${lineOf(from)}.${needs.advised} or later first.`,
        },
      ),
    ];
  }
  return [
    warning('W_ETCD_UPGRADE_FROM', `${step}: etcd's documents advise to start from ${lineOf(from)}.${needs.advised}`, {
      hint: `upgrade every member to ${lineOf(from)}.${needs.advised} or later first.`,
    }),
  ];
}

/** `etcd_lint`: etcd says nothing of a misspelt key in its configuration file; this does, before any host is touched. */
import type {DataMap} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {type ConfigProblem, lintConfig, lintOwnOptions} from '../etcd/options.ts';
import {versionProblems} from '../etcd/versions.ts';
import type {Probe} from './probe.ts';
import {releaseVersion} from './release-name.ts';
import {defineKind, failure, type LintProblem} from './task.ts';

interface Args {
  /** The whole configuration. */
  readonly config: DataMap;
  /** The part of it that the user wrote by etcd's names. */
  readonly own: DataMap;
  readonly version: string;
  readonly archive: string;
}

/** Checks a configuration against the options that a release knows. */
export const etcdLintKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_lint',
  summary:
    "Checks etcd's configuration against what its release knows: names, types and values of options, removed, dangerous and managed ones.",
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['config', 'version'],
    properties: {
      config: {type: 'object'},
      own: {type: 'object', default: {}},
      version: {type: 'string'},
      archive: {type: 'string', default: ''},
    },
  },
  lint: args => [...errorsOf(args), ...lintProblems(args)],
  probe: () => ({}),
  plan: args => {
    // Problems were told before any host was touched; a late task comes here unchecked.
    const problems = [...errorsOf(args), ...lintProblems(args)].filter(({severity}) => severity === 'error');
    if (problems.length > 0) return failure(...problems);
    const warnings = versionProblems(releaseOf(args)).filter(({severity}) => severity === 'warning');
    return ok({kind: 'satisfied', reason: `etcd ${releaseOf(args)} knows every option`, warnings});
  },
});

function releaseOf({archive, version}: Args): string {
  return releaseVersion(archive) ?? version;
}

function errorsOf(args: Args): readonly Diagnostic[] {
  return versionProblems(releaseOf(args)).filter(({severity}) => severity === 'error');
}

function lintProblems(args: Args): readonly LintProblem[] {
  const {config, own} = args;
  const release = releaseOf(args);
  return [
    ...lintConfig(config, release).map(one => asLint(one, 'config')),
    ...lintOwnOptions(own, config, release).map(one => asLint(one, 'own')),
  ];
}

function asLint({code, message, hint, key}: ConfigProblem, arg: 'config' | 'own'): LintProblem {
  const severity = code.startsWith('W_') ? 'warning' : 'error';
  return {code, severity, message, hint, path: [arg, ...key.split('.')]};
}

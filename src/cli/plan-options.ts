/** The options that a plan keeps, so that `apply` finds the same project from anywhere. */
import {problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {PlanOptions} from '../plan/saved-plan.ts';
import type {Redactor} from '../report/redact.ts';
import {commandLine} from './command-line.ts';
import {expandHome} from './files.ts';
import {inventorySources, isInline} from './find-inventory.ts';
import type {Options} from './options.ts';
import type {Project} from './project.ts';
import type {World} from './world.ts';

/** What to keep. Fails with `E_PLAN_SECRET` where an option itself is a secret: a plan file holds none. */
export function keptOptions(
  options: Options,
  {files, playbooks}: Project,
  world: World,
  redactor: Redactor,
): Result<PlanOptions> {
  const absolute = (path: string) => files.absolute(expandHome(path, world.home));
  const atFile = (text: string) => (text.startsWith('@') ? `@${absolute(text.slice(1))}` : text);
  const {limit, startAtTask, becomeUser, user, privateKey, connection, timeoutSeconds} = options;
  const given = {startAtTask, becomeUser, user, connection, timeoutSeconds};
  const kept: PlanOptions = {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(limit === undefined ? {} : {limit: atFile(limit)}),
    ...(privateKey === undefined ? {} : {privateKey: absolute(privateKey)}),
    cwd: world.cwd,
    playbooks: playbooks.map(({path}) => files.absolute(path)),
    inventory: inventorySources(options, files, world.env).map(source =>
      isInline(source) ? source : files.absolute(source),
    ),
    tags: options.tags,
    skipTags: options.skipTags,
    extraVars: options.extraVars.map(text => atFile(text.trim())),
    become: options.become,
    sshArgs: options.sshArgs,
  };
  const secret = kept.extraVars.find(text => redactor.clean(text) !== text);
  if (secret === undefined) return ok(kept);
  const message = `a plan file holds no secrets, but -e ${redactor.clean(secret)} is one`;
  return err([
    problem('E_PLAN_SECRET', message, {hint: 'put the variable into a file and name that: -e @secrets.yml.'}),
  ]);
}

/** The command that makes such a plan anew, from anywhere. */
export function remakeCommand(kept: PlanOptions, path: string): string {
  const {playbooks, inventory, limit, tags, skipTags, extraVars, startAtTask, become, becomeUser} = kept;
  const each = (option: string, values: readonly (string | undefined)[]) =>
    values.flatMap(value => (value === undefined || value === '' ? [] : [option, value]));
  return commandLine([
    ...playbooks,
    ...each('-i', inventory),
    ...each('-l', [limit]),
    ...each('-t', [tags.join(',')]),
    ...each('--skip-tags', [skipTags.join(',')]),
    ...each('-e', extraVars),
    ...each('--start-at-task', [startAtTask]),
    ...(become ? ['-b'] : []),
    ...each('--become-user', [becomeUser]),
    '--plan-out',
    path,
  ]);
}

/** The options of the run that a plan was made for, with what the command line of `apply` says about connections and output. */
export function appliedOptions(kept: PlanOptions, given: Options): Options {
  const {cwd: _, ...project} = kept;
  const own = Object.fromEntries(
    (['user', 'privateKey', 'connection', 'timeoutSeconds'] as const).flatMap(name =>
      given[name] === undefined ? [] : [[name, given[name]]],
    ),
  );
  return {
    ...given,
    ...project,
    ...own,
    sshArgs: [...given.sshArgs, ...kept.sshArgs],
    check: false,
  };
}

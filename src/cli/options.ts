/** Flags and environment, read once, typed. Only this file and `apply-options.ts` know `commander`. */
import {Command, CommanderError, InvalidArgumentError, Option} from 'commander';
import {EXIT} from '../base/event.ts';
import {EXAMPLES} from './help.ts';
import type {World} from './world.ts';

/** What to print instead of running. */
export type Listing = 'hosts' | 'tasks' | 'tags';

/** Everything the command line and the environment say. */
export interface Options {
  readonly playbooks: readonly string[];
  /** As given; empty = look for one (`find-inventory.ts`). */
  readonly inventory: readonly string[];
  readonly limit?: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly extraVars: readonly string[];
  readonly forks: number;
  readonly check: boolean;
  readonly diff: boolean;
  /** Clusters of one or two may be interrupted: the variable etcd_allow_downtime for this run. */
  readonly allowDowntime: boolean;
  /** Save what a check run decides. */
  readonly planOut?: string;
  readonly list: ReadonlySet<Listing>;
  readonly syntaxCheck: boolean;
  readonly graph?: GraphFormat;
  readonly startAtTask?: string;
  readonly user?: string;
  readonly privateKey?: string;
  readonly connection?: string;
  readonly sshArgs: readonly string[];
  readonly timeoutSeconds?: number;
  readonly acceptNewHostKeys: boolean;
  readonly become: boolean;
  readonly becomeUser?: string;
  readonly askPass: boolean;
  readonly askBecomePass: boolean;
  readonly output: 'auto' | 'text' | 'live' | 'json';
  readonly verbosity: number;
  /** `undefined` = the default place, `false` = none. */
  readonly logFile?: string | false;
  readonly strict: boolean;
  readonly color: boolean;
}

/** Forms of `--graph`. */
export type GraphFormat = 'text' | 'json' | 'mermaid';

/** Options, or what to print and the exit code (`--help`, `--version`, a mistake). */
export type Parsed =
  | {readonly kind: 'run'; readonly options: Options}
  | {readonly kind: 'exit'; readonly code: number; readonly stdout: string; readonly stderr: string};

const GRAPH_FORMATS: readonly string[] = ['text', 'json', 'mermaid'];
const DEFAULT_FORKS = 50;

/** Reads the command line. Never prints and never exits. */
export function parseOptions(world: World): Parsed {
  const {argv, version, runtime} = world;
  const parsed = parseCommand(commandOf(`etcdctl-play ${version} (${runtime})`), withGraphFormat(argv), world);
  return contradiction(parsed) ?? parsed;
}

/** Parses arguments with a command made of `optionTable`. Never prints and never exits. */
export function parseCommand(command: Command, argv: readonly string[], {env, stdout, stderr}: World): Parsed {
  let out = '';
  let err = '';
  command.exitOverride().configureOutput({
    writeOut: text => {
      out += text;
    },
    writeErr: text => {
      err += text;
    },
    getOutHelpWidth: () => Math.max(60, stdout.size().columns),
    getErrHelpWidth: () => Math.max(60, stderr.size().columns),
  });
  try {
    command.parse(argv, {from: 'user'});
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return {kind: 'exit', code: error.exitCode === 0 ? EXIT.done : EXIT.badInput, stdout: out, stderr: err};
  }
  return {kind: 'run', options: toOptions(command.args, command.opts(), env)};
}

/** A plan is made by asking hosts: what does not ask them can make none. */
function contradiction(parsed: Parsed): Parsed | undefined {
  if (parsed.kind !== 'run' || parsed.options.planOut === undefined) return undefined;
  const {list, syntaxCheck, graph} = parsed.options;
  if (list.size === 0 && !syntaxCheck && graph === undefined) return undefined;
  const why = 'error: --plan-out asks the hosts; it cannot go with --list-…, --syntax-check or --graph, which do not\n';
  return {kind: 'exit', code: EXIT.badInput, stdout: '', stderr: why};
}

/** `--graph` alone means text: its optional value must not swallow the playbook's name. */
function withGraphFormat(argv: readonly string[]): string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return argv.map((arg, index) => {
    const isBare = arg === '--graph' && index < end && !GRAPH_FORMATS.includes(argv[index + 1] ?? '');
    return isBare ? '--graph=text' : arg;
  });
}

function commandOf(version: string): Command {
  const command = new Command('etcdctl-play')
    .description(
      'Builds, changes and keeps etcd clusters as an inventory describes them, over SSH, as ansible-playbook would.',
    )
    .usage('[options] <playbook...>')
    .argument('<playbook...>', 'playbook files, or names of those that come with the program, such as etcd.yml')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showSuggestionAfterError(true)
    .showHelpAfterError('(etcdctl-play --help lists every option)')
    .addHelpText('after', EXAMPLES);
  for (const option of optionTable()) command.addOption(option);
  return command;
}

/** Every option of a run. */
export function optionTable(): Option[] {
  return [
    ...group('What and where:', [
      new Option('-i, --inventory <path>', 'inventory file, directory or "host1,host2,"; several add up').argParser(
        append,
      ),
      new Option('-l, --limit <pattern>', 'only these hosts: names, groups, wildcards, !not, &and, @file'),
      new Option('-t, --tags <tags>', 'only tasks with one of these tags').argParser(appendCommas),
      new Option('--skip-tags <tags>', 'no tasks with one of these tags').argParser(appendCommas),
      new Option('-e, --extra-vars <vars>', 'variables: name=value, JSON, YAML or @file').argParser(append),
      new Option('--start-at-task <name>', 'begin with the task of this name'),
    ]),
    ...group('How:', [
      new Option('-C, --check', 'change nothing: show what would change'),
      new Option('-D, --diff', 'show files before and after'),
      new Option('--plan-out <file>', 'check, and save what is to be done for "etcdctl-play apply <file>"'),
      new Option('-f, --forks <n>', 'hosts worked on at a time').argParser(positive).default(DEFAULT_FORKS),
      new Option('--allow-downtime', 'let a restart interrupt a cluster of one or two members'),
      new Option('--strict', 'treat warnings as errors'),
    ]),
    ...group('Instead of running:', [
      new Option('--list-hosts', 'print the hosts'),
      new Option('--list-tasks', 'print the tasks'),
      new Option('--list-tags', 'print the tags'),
      new Option('--syntax-check', 'find every mistake, touch no host'),
      new Option('--graph [format]', 'print the graph of tasks').choices(GRAPH_FORMATS).preset('text'),
    ]),
    ...group('Connection (where the inventory does not say otherwise):', [
      new Option('-u, --user <name>', 'log in as'),
      new Option('--private-key, --key-file <path>', 'key to log in with'),
      new Option('-c, --connection <kind>', 'ssh or local').choices(['ssh', 'local', 'smart']),
      new Option('-T, --timeout <seconds>', 'time to connect').argParser(positive),
      new Option('--ssh-common-args <args>', 'options for ssh: -o Name=value, -J jump').argParser(append),
      new Option('--ssh-extra-args <args>', 'the same').argParser(append),
      new Option('--accept-new-host-keys', 'trust the key of a host that is seen for the first time'),
      new Option('-k, --ask-pass', 'ask for the login password'),
      new Option('-b, --become', 'act as another user, through sudo'),
      new Option('--become-user <name>', 'act as (default: root)'),
      new Option('-K, --ask-become-pass', 'ask for the sudo password'),
    ]),
    ...group('Output:', [
      new Option('--output <form>', 'live on a terminal, text elsewhere, or json (one event a line)')
        .choices(['auto', 'text', 'live', 'json'])
        .default('auto'),
      new Option('-v, --verbose', 'tell more; up to -vvv').argParser(
        (_value, before: number | undefined) => (before ?? 0) + 1,
      ),
      new Option('--no-color', 'no colours (so does NO_COLOR)'),
      new Option('--log-file <path>', 'log of the run (default: ~/.local/state/etcdctl-play/log/)'),
      new Option('--no-log-file', 'no log'),
    ]),
  ];
}

function group(heading: string, options: Option[]): Option[] {
  return options.map(option => option.helpGroup(heading));
}

function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Commas part names and several options add up, as in Ansible. */
function appendCommas(value: string, before: readonly string[] = []): readonly string[] {
  const names = value.split(',').map(name => name.trim());
  return [...before, ...names.filter(name => name !== '')];
}

function positive(value: string): number {
  const count = Number(value);
  if (/^\d+$/.test(value) && count >= 1 && count <= 100_000) return count;
  throw new InvalidArgumentError('It must be a whole number from 1 to 100000.');
}

/** What commander gives back for the table above. */
type Raw = Readonly<Record<string, unknown>>;

function toOptions(playbooks: readonly string[], raw: Raw, env: World['env']): Options {
  const listing = (['hosts', 'tasks', 'tags'] as const).filter(
    name => raw[`list${name[0]?.toUpperCase()}${name.slice(1)}`] === true,
  );
  const optional = {
    limit: raw['limit'],
    graph: raw['graph'],
    startAtTask: raw['startAtTask'],
    planOut: raw['planOut'],
    user: raw['user'],
    privateKey: raw['keyFile'],
    connection: raw['connection'],
    timeoutSeconds: raw['timeout'],
    becomeUser: raw['becomeUser'],
    logFile: raw['logFile'] === true ? undefined : raw['logFile'],
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return {
    ...given,
    playbooks,
    inventory: texts(raw['inventory']),
    tags: texts(raw['tags']),
    skipTags: texts(raw['skipTags']),
    extraVars: texts(raw['extraVars']),
    forks: raw['forks'] as number,
    check: raw['check'] === true || raw['planOut'] !== undefined,
    diff: raw['diff'] === true,
    allowDowntime: raw['allowDowntime'] === true,
    list: new Set(listing),
    syntaxCheck: raw['syntaxCheck'] === true,
    sshArgs: [...texts(raw['sshCommonArgs']), ...texts(raw['sshExtraArgs'])],
    acceptNewHostKeys: raw['acceptNewHostKeys'] === true,
    become: raw['become'] === true,
    askPass: raw['askPass'] === true,
    askBecomePass: raw['askBecomePass'] === true,
    output: raw['output'] as Options['output'],
    verbosity: Math.min(3, (raw['verbose'] as number | undefined) ?? 0),
    strict: raw['strict'] === true,
    // https://no-color.org: every value counts but the empty one.
    color: raw['color'] !== false && (env['NO_COLOR'] ?? '') === '',
  };
}

/** An option that adds up; absent where it was not given. */
function texts(value: unknown): readonly string[] {
  return (value as readonly string[] | undefined) ?? [];
}

/** `etcdctl-play trash list | restore ID | expire`: short for playbooks/etcd-trash.yml, with all options of a run. */
import {EXIT} from '../base/event.ts';
import {type Parsed, parseOptions} from './options.ts';
import type {World} from './world.ts';

const WORD = 'trash';
const PLAYBOOK = 'etcd-trash.yml';
const ACTIONS = ['list', 'restore', 'expire'];

const USAGE = `Usage: etcdctl-play trash list [options]
       etcdctl-play trash restore ID -l HOST [options]
       etcdctl-play trash expire [ID] [--older-than AGE] [options]

Shows what has been moved aside on the hosts of the inventory, puts an entry back where it was, or deletes entries for
good (AGE: 90m, 12h, 7d, 2w). Options are those of a run: -i, -l, --check, --output json … (etcdctl-play --help).
`;

/** Whether the command line may be one of `trash`: its first word that is no option is. `parseTrash` knows for sure. */
export function mayBeTrash({argv}: World): boolean {
  return argv.includes(WORD);
}

/** Reads the command line; one that is not of `trash` after all is read as that of a run. Never prints and never exits. */
export function parseTrash(world: World): Parsed {
  const {argv} = world;
  if (argv[0] === WORD && argv.some(arg => ['-h', '--help'].includes(arg)))
    return {kind: 'exit', code: EXIT.done, stdout: USAGE, stderr: ''};
  const taken = takeOlderThan(argv);
  if (taken === undefined) return mistake('--older-than needs an age, such as 7d');
  const parsed = parseOptions({...world, argv: taken.rest});
  if (parsed.kind === 'exit') return parsed;
  const [word, action = '', id = '', ...more] = parsed.options.playbooks;
  if (word !== WORD) return parseOptions(world);
  if (!ACTIONS.includes(action))
    return mistake(
      action === '' ? 'trash needs list, restore or expire' : `"${action}" is not list, restore or expire`,
    );
  if (more.length > 0) return mistake(`one entry at a time, not also ${more.join(', ')}`);
  if (action === 'list' && (id !== '' || taken.olderThan !== ''))
    return mistake('list takes neither an entry nor an age');
  if (action === 'restore' && taken.olderThan !== '') return mistake('restore takes no age');
  const variables = {etcd_trash_action: action, etcd_trash_id: id, etcd_trash_older_than: taken.olderThan};
  const extraVars = [...parsed.options.extraVars, JSON.stringify(variables)];
  return {kind: 'run', options: {...parsed.options, playbooks: [PLAYBOOK], extraVars}};
}

/** The age, and the arguments without it. */
function takeOlderThan(
  args: readonly string[],
): {readonly olderThan: string; readonly rest: readonly string[]} | undefined {
  const at = args.findIndex(arg => arg === '--older-than' || arg.startsWith('--older-than='));
  if (at === -1) return {olderThan: '', rest: args};
  const arg = args[at] ?? '';
  const equals = arg.indexOf('=');
  const olderThan = equals === -1 ? args[at + 1] : arg.slice(equals + 1);
  if (olderThan === undefined || olderThan === '' || olderThan.startsWith('-')) return undefined;
  return {olderThan, rest: args.filter((_, index) => index !== at && (equals !== -1 || index !== at + 1))};
}

function mistake(message: string): Parsed {
  return {kind: 'exit', code: EXIT.badInput, stdout: '', stderr: `error: ${message}\n\n${USAGE}`};
}

/** `etcdctl-play trash list | restore ID | expire`: short for playbooks/etcd-trash.yml, with all options of a run. */
import {EXIT} from '../base/event.ts';
import {type Parsed, parseOptions} from './options.ts';
import type {World} from './world.ts';

const PLAYBOOK = 'etcd-trash.yml';
const ACTIONS = ['list', 'restore', 'expire'];

const USAGE = `Usage: etcdctl-play trash list [options]
       etcdctl-play trash restore ID -l HOST [options]
       etcdctl-play trash expire [ID] [--older-than AGE] [options]

Shows what has been moved aside on the hosts of the inventory, puts an entry back where it was, or deletes entries for
good (AGE: 90m, 12h, 7d, 2w). Options are those of a run: -i, -l, --check, --output json … (etcdctl-play --help).
`;

/** Reads the command line after the word `trash`. Never prints and never exits. */
export function parseTrash(world: World): Parsed {
  const [, action = '', ...rest] = world.argv;
  if (['-h', '--help', 'help'].includes(action) || rest.includes('--help') || rest.includes('-h'))
    return {kind: 'exit', code: EXIT.done, stdout: USAGE, stderr: ''};
  if (!ACTIONS.includes(action))
    return mistake(
      action === '' ? 'trash needs list, restore or expire' : `"${action}" is not list, restore or expire`,
    );
  const taken = takeOlderThan(rest);
  if (taken === undefined) return mistake('--older-than needs an age, such as 7d');
  const parsed = parseOptions({...world, argv: [PLAYBOOK, ...taken.rest]});
  if (parsed.kind === 'exit') return parsed;
  const [, id = '', ...more] = parsed.options.playbooks;
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

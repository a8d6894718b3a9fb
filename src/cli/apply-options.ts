/** The command line of `etcdctl-play apply`: a plan, and how to reach its hosts and show the run; everything else is in the plan. */
import {Command} from 'commander';
import {optionTable, type Parsed, parseCommand} from './options.ts';
import type {World} from './world.ts';

/** Options of a run that say nothing about what is done. */
const ALLOWED: ReadonlySet<string> = new Set([
  '--diff',
  '--forks',
  '--strict',
  '--user',
  '--key-file',
  '--connection',
  '--timeout',
  '--ssh-common-args',
  '--ssh-extra-args',
  '--accept-new-host-keys',
  '--ask-pass',
  '--ask-become-pass',
  '--output',
  '--verbose',
  '--no-color',
  '--log-file',
  '--no-log-file',
]);

const NOTE = `
What is done, where and with which variables is in the plan: -i, -l, -t, -e and the like cannot be given here.

Exit codes:
  0 done, or nothing to do   1 the plan cannot be read   2 a task failed
  3 the hosts, the cluster or the inventory are not as the plan says (nothing was changed), or the plan is too old
  4 a host could not be reached   130 interrupted`;

/** Reads the arguments after `apply`. The plan's path comes back as the only one of `playbooks`. */
export function parseApply(world: World): Parsed {
  const command = new Command('etcdctl-play apply')
    .description('Does what a saved plan says, and only where everything is still as it was when the plan was made.')
    .usage('[options] <plan>')
    .argument('<plan>', 'a file that --plan-out has written')
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'print this help')
    .showSuggestionAfterError(true)
    .showHelpAfterError('(etcdctl-play apply --help lists every option)')
    .addHelpText('after', NOTE);
  for (const option of optionTable()) if (ALLOWED.has(option.long ?? '')) command.addOption(option);
  return parseCommand(command, world.argv.slice(1), world);
}

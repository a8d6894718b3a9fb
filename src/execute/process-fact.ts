/** A question about a unit's main process, and its answer read as a fact. It is asked seldom: the agent need not know it from the start. */
import {err, ok, type Result} from '../base/result.ts';
import type {ProcessFact, UnitFact} from '../task/fact.ts';
import type {Request} from '../transport/connection.ts';
import {parseUnit, UNIT_PROPERTIES} from './unit-fact.ts';

/**
 * POSIX sh; `$1` is the unit, `$2` its properties. Prints parts that each end in NUL: what systemd tells of the unit; the clock
 * and the uptime in seconds; for each drop-in its path and its text; an empty part; of the main process the program, the names
 * of its ETCD_ variables, its words.
 */
const SCRIPT = String.raw`shown=$(systemctl show --no-pager -p "$2" -- "$1") || exit
printf '%s\0%s %s\0' "$shown" "$(date +%s)" "$(cut -d ' ' -f 1 /proc/uptime)"
set -f
for path in $(printf '%s\n' "$shown" | sed -n 's/^DropInPaths=//p'); do
  printf '%s\0%s\0' "$path" "$(head -c 65536 -- "$path" 2>/dev/null | tr -d '\0')"
done
printf '\0'
pid=$(printf '%s\n' "$shown" | sed -n 's/^MainPID=//p')
case $pid in '' | 0) exit 0 ;; esac
exe=$(readlink "/proc/$pid/exe") || exit 0
names=$(tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^\(ETCD_[A-Za-z0-9_]*\)=.*/\1/p')
printf '%s\0%s\0' "$exe" "$names"
cat "/proc/$pid/cmdline"`;

/** The question as the agent hears it: a program that only reads. */
export function processRequest(unit: string): Request & {readonly verb: 'exec'} {
  return {verb: 'exec', args: ['0', '', '0', 'sh', '-c', SCRIPT, 'sh', unit, UNIT_PROPERTIES], timeoutSeconds: 30};
}

/** After the path of a program file that is gone (proc(5)). */
const DELETED = ' (deleted)';

/** NUL ends every part: the unit, the clocks, pairs of drop-ins, an empty one, and those of the process. Fails with one line of text. */
export function parseProcess(stdout: string): Result<ProcessFact, string> {
  const [shown = '', clocks = '', ...rest] = stdout.split('\0');
  const unit = parseUnit(shown);
  if (!unit.ok) return unit;
  const [epoch, uptime] = clocks.split(' ').map(Number);
  const end = rest.findIndex((part, index) => index % 2 === 0 && part === '');
  const isWhole = end !== -1 && end < rest.length - 1;
  if (epoch === undefined || uptime === undefined || !(epoch > 0) || !(uptime >= 0) || !isWhole)
    return err('its answer is not understood');
  const parts = rest.slice(0, end);
  const dropIns = parts.flatMap((path, index) => (index % 2 === 0 ? [{path, text: parts[index + 1] ?? ''}] : []));
  const main = mainOf(rest.slice(end + 1), unit.value, epoch - uptime);
  return ok({unit: unit.value, dropIns, ...(main === undefined ? {} : {main})});
}

/** `bootedAt`: seconds since the epoch. */
function mainOf(parts: readonly string[], unit: UnitFact, bootedAt: number): ProcessFact['main'] {
  const [exe = '', variables = '', ...argv] = parts;
  if (exe === '') return undefined;
  const isDeleted = exe.endsWith(DELETED);
  return {
    pid: unit.mainPid,
    program: isDeleted ? exe.slice(0, -DELETED.length) : exe,
    isDeleted,
    argv: argv.slice(0, -1),
    etcdVariables: variables.split('\n').filter(name => name !== ''),
    startedAt: bootedAt + unit.startedMonotonic,
  };
}

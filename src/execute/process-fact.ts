/** What the agent tells of a unit's main process, read as a fact. */
import {err, ok, type Result} from '../base/result.ts';
import type {ProcessFact, UnitFact} from '../task/fact.ts';
import {parseUnit} from './unit-fact.ts';

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

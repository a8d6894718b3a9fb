/** `systemctl show` read as a fact. */
import {err, ok, type Result} from '../base/result.ts';
import type {UnitFact} from '../task/fact.ts';

/** The properties that are read here: the agent's verb `unit` tells these. */
export const UNIT_PROPERTIES =
  'LoadState,ActiveState,SubState,UnitFileState,MainPID,NeedDaemonReload,FragmentPath,DropInPaths,Result,NRestarts,ExecMainStartTimestampMonotonic';

/** `Key=Value` lines in any order; a systemd too old for a property leaves it out. Fails with one line of text. */
export function parseUnit(stdout: string): Result<UnitFact, string> {
  const values = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const equals = line.indexOf('=');
    if (equals !== -1) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const get = (key: string): string => values.get(key) ?? '';
  const load = get('LoadState');
  const active = get('ActiveState');
  if (!/^[a-z-]+$/.test(load) || !/^[a-z-]+$/.test(active)) return err('systemctl shows no state of the unit');
  return ok({
    load,
    active,
    sub: get('SubState'),
    enabled: get('UnitFileState'),
    mainPid: count(get('MainPID')),
    needDaemonReload: get('NeedDaemonReload') === 'yes',
    fragment: get('FragmentPath'),
    dropIns: get('DropInPaths')
      .split(' ')
      .filter(path => path !== ''),
    result: get('Result'),
    restarts: count(get('NRestarts')),
    startedMonotonic: count(get('ExecMainStartTimestampMonotonic')) / 1e6,
  });
}

function count(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : 0;
}

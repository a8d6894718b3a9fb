/** Whether systemd can run a member, and whether somebody else has a hand in its unit. Pure. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import type {DropInFact, SystemdFact} from './preflight-facts.ts';

/** Older ones do not know all settings of the unit's hardening. */
const MIN_SYSTEMD = 235;

/** Settings of [Service] by which the role knows what runs: no drop-in may change them. */
const FIXED = new Set(['ExecStart', 'ExecStartPre', 'Type', 'User', 'Group', 'RuntimeDirectory', 'WorkingDirectory']);

/** Settings of [Service] that are variables of the role. */
const VARIABLES: Readonly<Record<string, string>> = {
  TimeoutStartSec: 'etcd_timeout_start',
  TimeoutStopSec: 'etcd_timeout_stop',
  RestartSec: 'etcd_restart_sec',
  LimitNOFILE: 'etcd_limit_nofile',
  OOMScoreAdjust: 'etcd_oom_score_adjust',
  Nice: 'etcd_nice',
  IOSchedulingClass: 'etcd_io_scheduling_class',
  IOSchedulingPriority: 'etcd_io_scheduling_priority',
};

/** What speaks against systemd on a host. */
export function systemdProblems({version, state}: SystemdFact, host: string): readonly Diagnostic[] {
  if (state === 'absent' || state === 'offline' || state === 'unknown')
    return [
      problem('E_PREFLIGHT_SYSTEMD', `${host}: systemd does not run here (${state})`, {
        hint: 'etcd is run as a unit of systemd: use a host that has booted with it (not a plain container or a chroot).',
      }),
    ];
  if (state === 'stopping' || state === 'maintenance')
    return [
      problem('E_PREFLIGHT_SYSTEMD', `${host}: systemd is in state ${state}: it starts no services`, {
        hint: 'let the host boot to the end (systemctl list-jobs; systemctl --failed), then run the same command again.',
      }),
    ];
  if (version !== undefined && version < MIN_SYSTEMD)
    return [
      problem('E_PREFLIGHT_SYSTEMD', `${host}: systemd ${version} is older than ${MIN_SYSTEMD}`, {
        hint: 'the unit uses settings that it does not know: use a newer system.',
      }),
    ];
  if (state === 'degraded')
    return [
      warning('W_PREFLIGHT_SYSTEMD', `${host}: systemd is degraded: some unit has failed`, {
        hint: 'see systemctl --failed; etcd itself is not kept from running by it.',
      }),
    ];
  return [];
}

/** What speaks against the unit's drop-ins. Every drop-in is shown. */
export function dropInProblems(dropIns: readonly DropInFact[], unit: string, host: string): readonly Diagnostic[] {
  return dropIns.flatMap(({path, settings}) => {
    const managed = settings.filter(
      ({section, key, value}) =>
        section === 'Service' && (FIXED.has(key) || VARIABLES[key] !== undefined) && !isOneMore(key, value),
    );
    if (managed.length === 0) {
      const keys = [...new Set(settings.map(({key}) => key))].join(', ');
      const message = `${host}: ${path} adds to ${unit}: ${keys === '' ? 'nothing' : keys}`;
      return [warning('W_PREFLIGHT_DROP_IN', message, {hint: 'nothing to do if that is meant.'})];
    }
    const shown = managed.map(({key, value}) => `${key}=${value.slice(0, 200)}`).join('; ');
    const variables = [...new Set(managed.flatMap(({key}) => VARIABLES[key] ?? []))];
    const instead = variables.length === 0 ? '' : `, and set ${variables.join(', ')} in the inventory`;
    return [
      problem('E_PREFLIGHT_DROP_IN', `${host}: ${path} changes what ${unit} is made of: ${shown}`, {
        hint: `remove these lines${instead}: a member would not run as the inventory says.`,
      }),
    ];
  });
}

/** systemd adds a command to those that run before the start; only an empty one takes the others away. */
function isOneMore(key: string, value: string): boolean {
  return key === 'ExecStartPre' && value !== '';
}

/** Somebody has masked the unit: it is unmasked by this run, but not silently. */
export function maskedWarning(load: string, unit: string, host: string): readonly Diagnostic[] {
  if (load !== 'masked') return [];
  return [
    warning('W_PREFLIGHT_MASKED', `${host}: ${unit} is masked: somebody did not want it to start`, {
      hint: 'this run unmasks and starts it; stop here if that is not meant.',
    }),
  ];
}

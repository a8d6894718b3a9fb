/**
 * What a command line does to a member of etcd, read from its words: `systemctl restart etcd`, `pkill etcd`, `reboot`,
 * `rm -rf /data/etcd`. A guess on the safe side: each program is looked for at every place of a simple command, so that `sudo`,
 * `env` or `timeout` before it hide nothing. What a script or a variable holds cannot be seen. @see docs/gate.md
 */

import {isCommandPlace, isShellText, simpleCommands} from './shell-words.ts';

/** How a member is touched: taken down, taken down and up again, the whole machine, or its data away from under it. */
export type StopEffect = 'stop' | 'restart' | 'kill' | 'machine' | 'data';

/** What stands for a member on its machine. */
export interface StopTarget {
  readonly unit: string;
  /** Data directory and write-ahead log. */
  readonly dirs: readonly string[];
}

/** What a command (a program with its arguments) does to a member; undefined: nothing that can be seen. */
export function commandEffect(argv: readonly string[], target: StopTarget, chdir = '/'): StopEffect | undefined {
  return strongest(effectsOf([argv], argv.join(' '), target, chdir));
}

/** The same of a text for a shell. */
export function shellEffect(text: string, target: StopTarget, chdir = '/'): StopEffect | undefined {
  return strongest(effectsOf(simpleCommands(text), text, target, chdir));
}

type Found = StopEffect | 'start';

/** A start after the last stop makes a restart of it. */
function strongest(found: readonly Found[]): StopEffect | undefined {
  for (const one of ['machine', 'data'] as const) if (found.includes(one)) return one;
  const stops = found.filter(one => one !== 'start');
  const last = stops.at(-1);
  if (last === undefined) return undefined;
  return found.lastIndexOf('start') > found.lastIndexOf(last) ? 'restart' : last;
}

function effectsOf(
  commands: readonly (readonly string[])[],
  whole: string,
  target: StopTarget,
  chdir: string,
): readonly Found[] {
  if (/sysrq-trigger/.test(whole)) return ['machine'];
  return commands.flatMap(words =>
    words.flatMap((word, index): readonly Found[] => {
      // A command for somebody: `sh -c reboot`, `su -c "…"`, `ssh host "…"`.
      if (/\s/.test(word) || isShellText(words, index)) return effectsOf(simpleCommands(word), whole, target, chdir);
      const program = word.slice(word.lastIndexOf('/') + 1);
      const effect = programEffect(program, words.slice(index), whole, target, chdir);
      if (effect === undefined || (effect === 'machine' && program !== 'systemctl' && !isCommandPlace(words, index)))
        return [];
      return [effect];
    }),
  );
}

/** What a program at the beginning of `words` does. */
function programEffect(
  program: string,
  words: readonly string[],
  whole: string,
  target: StopTarget,
  chdir: string,
): Found | undefined {
  const args = words.slice(1);
  switch (program) {
    case 'systemctl':
      return systemctlEffect(args, target.unit);
    case 'service':
    case 'rc-service':
    case 'invoke-rc.d':
      return serviceEffect(args, target.unit);
    case 'kill':
    case 'pkill':
    case 'killall':
    case 'skill':
      return killEffect(program, args, whole, target.unit);
    case 'reboot':
    case 'poweroff':
    case 'halt':
    case 'kexec':
      return args.includes('--help') ? undefined : 'machine';
    case 'shutdown':
      return args.includes('-c') ? undefined : 'machine';
    case 'init':
    case 'telinit':
      return args.some(arg => /^[016]$/.test(arg)) ? 'machine' : undefined;
    case 'rm':
    case 'mv':
    case 'rmdir':
    case 'shred':
    case 'umount':
      return args.some(arg => takesAway(arg, target.dirs, chdir)) ? 'data' : undefined;
    default:
      return words[0]?.startsWith('/etc/init.d/') ? serviceEffect([program, ...args], target.unit) : undefined;
  }
}

const STOPPING = ['stop', 'condstop', 'freeze'];
const RESTARTING = [
  'restart',
  'try-restart',
  'condrestart',
  'reload-or-restart',
  'try-reload-or-restart',
  'reload-or-try-restart',
  'force-reload',
];
const ON_MACHINE = /^(?:reboot|poweroff|halt|kexec|soft-reboot|rescue|emergency|exit|suspend|hibernate|hybrid-sleep)$/;

function systemctlEffect(args: readonly string[], unit: string): Found | undefined {
  const words = args.filter(arg => !arg.startsWith('-'));
  const verb = words.find(word => VERB.test(word) || ON_MACHINE.test(word));
  if (verb === undefined) return undefined;
  if (ON_MACHINE.test(verb)) return 'machine';
  if (verb === 'isolate') return 'stop';
  if (!words.slice(words.indexOf(verb) + 1).some(word => meansUnit(word, unit))) return undefined;
  if (verb === 'start') return 'start';
  if (RESTARTING.includes(verb)) return 'restart';
  if (verb === 'kill') return isHarmless(args) ? undefined : 'kill';
  if (STOPPING.includes(verb)) return 'stop';
  return args.includes('--now') && verb !== 'enable' ? 'stop' : undefined;
}

const VERB = new RegExp(`^(?:${[...STOPPING, ...RESTARTING].join('|')}|start|kill|isolate|disable|mask|enable)$`);

function serviceEffect(args: readonly string[], unit: string): Found | undefined {
  const [name = '', verb = ''] = args.filter(arg => !arg.startsWith('-'));
  if (!meansUnit(name, unit)) return undefined;
  if (verb === 'start') return 'start';
  if (RESTARTING.includes(verb)) return 'restart';
  return STOPPING.includes(verb) ? 'stop' : undefined;
}

/** `etcd`, `etcd.service`, `etcd*`; a name that the shell makes up may be any. */
function meansUnit(word: string, unit: string): boolean {
  if (/[$`]/.test(word)) return true;
  const name = /\.\w+$/.test(word) || word.endsWith('*') ? word : `${word}.service`;
  return name === unit || (/[*?[]/.test(name) && globPattern(name).test(unit));
}

/** Whose process is meant shows only where etcd is named: by the words of `pkill`, anywhere in the text for a `kill` of a number. */
function killEffect(program: string, args: readonly string[], whole: string, unit: string): Found | undefined {
  if (isHarmless(args)) return undefined;
  const said = program === 'kill' ? whole : args.join(' ');
  const names = new Set(['etcd', unit.replace(/\.service$/, '')]);
  return [...names].some(name => {
    const before = (index: number) => /[\w-]/.test(said[index - 1] ?? '');
    const after = (index: number) => /^(?:ctl|utl|[\w-]*ctl)/.test(said.slice(index + name.length));
    for (let index = said.indexOf(name); index !== -1; index = said.indexOf(name, index + 1))
      if (!before(index) && !after(index)) return true;
    return false;
  })
    ? 'kill'
    : undefined;
}

/** Signals that end nothing: 0 only asks, CONT goes on. */
function isHarmless(args: readonly string[]): boolean {
  return /(?:^|\s)(?:-(?:SIG)?(?:0|CONT|18)|(?:-s|--signal)[ =]?(?:SIG)?(?:0|CONT|18)|-l|-L)(?:\s|$)/.test(
    args.join(' '),
  );
}

/** Whether a path is a directory of the member, one above it, or its data below. Patterns are taken as the shell takes them. */
function takesAway(word: string, dirs: readonly string[], chdir: string): boolean {
  if (word.startsWith('-') || word === '') return false;
  const path = cleanPath(word.startsWith('/') ? word : `${chdir}/${word}`);
  if (!/[*?[]/.test(path)) return takesDataAway(path, dirs);
  const pattern = globPattern(path);
  return dirs.some(dir => [...upwards(dir), `${dir}/member`].some(one => pattern.test(one)));
}

/** Whether taking a path away takes a member's data away: the directory, one above it, or what etcd keeps in it. */
export function takesDataAway(path: string, dirs: readonly string[]): boolean {
  return dirs.some(dir => {
    const own = cleanPath(dir);
    return (
      path === '/' ||
      own === path ||
      own.startsWith(`${path}/`) ||
      /^\/(?:member|wal|snap)(?:\/|$)/.test(path.startsWith(own) ? path.slice(own.length) : '')
    );
  });
}

function upwards(dir: string): string[] {
  const parts = cleanPath(dir).split('/').slice(1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function globPattern(text: string): RegExp {
  const body = text
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  try {
    return new RegExp(`^${body}$`);
  } catch {
    return /^/;
  }
}

/** Paths in arguments: absolute, plain, and never the root of the file system. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';

/** More than this is beyond Linux's PATH_MAX. */
const MAX_BYTES = 4095;

/** Directories that no task may remove, or change with all that is below them. */
const SYSTEM_DIRECTORIES = new Set([
  ...[
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/home',
    '/lib',
    '/lib32',
    '/lib64',
    '/media',
    '/mnt',
    '/opt',
    '/proc',
    '/root',
    '/run',
  ],
  ...['/sbin', '/srv', '/sys', '/tmp', '/usr', '/var', '/etc/systemd', '/etc/systemd/system', '/usr/bin', '/usr/lib'],
  ...[
    '/usr/lib64',
    '/usr/local',
    '/usr/local/bin',
    '/usr/sbin',
    '/usr/share',
    '/var/lib',
    '/var/log',
    '/var/run',
    '/var/tmp',
  ],
]);

/** `E_TASK_PATH` where a path is not absolute, climbs with `..`, or holds characters that no honest path has. */
export function pathProblems(argument: string, path: string): readonly Diagnostic[] {
  const fault = pathFault(path);
  if (fault === undefined) return [];
  return [
    problem('E_TASK_PATH', `the path ${JSON.stringify(path)} of "${argument}" cannot be used: ${fault.what}`, {
      hint: fault.hint,
    }),
  ];
}

function pathFault(path: string): {readonly what: string; readonly hint: string} | undefined {
  const hint = 'write an absolute path such as /etc/etcd/etcd.conf.';
  if (path === '') return {what: 'it is empty', hint};
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(path))
    return {what: 'it holds a control character', hint: 'remove line breaks, tabs and other control characters.'};
  if (!path.startsWith('/')) return {what: 'it does not begin with "/"', hint};
  if (path.split('/').includes('..')) return {what: 'it holds ".."', hint: 'write the path without "..".'};
  if (plainPath(path) === '/') return {what: 'it is the root of the file system', hint};
  if (Buffer.byteLength(path) > MAX_BYTES)
    return {what: `it is longer than ${MAX_BYTES} bytes`, hint: 'choose a shorter path.'};
  return undefined;
}

/** The same path without doubled slashes, `.` parts and a slash at the end. */
export function plainPath(path: string): string {
  return `/${path
    .split('/')
    .filter(part => part !== '' && part !== '.')
    .join('/')}`;
}

/** Last part of a path. */
export function baseName(path: string): string {
  return plainPath(path).split('/').at(-1) ?? '';
}

/** `E_TASK_PATH` for a directory that the system is made of. */
export function systemPathProblems(path: string, deed: string): readonly Diagnostic[] {
  if (!SYSTEM_DIRECTORIES.has(plainPath(path))) return [];
  const hint = 'name the file or directory below it that is meant.';
  return [problem('E_TASK_PATH', `${plainPath(path)} is a directory of the system: it is not ${deed}`, {hint})];
}

/** Every kind of task, by name. A new kind is one file and one line here. */
import {assertKind, failKind} from './assert.ts';
import {commandKind} from './command.ts';
import {copyKind} from './copy.ts';
import {debugKind, pingKind, setFactKind} from './debug.ts';
import {ETCD_KINDS} from './etcd-kinds.ts';
import {fileKind} from './file.ts';
import {groupKind} from './group.ts';
import {shellKind} from './shell.ts';
import {statKind} from './stat.ts';
import {systemdServiceKind} from './systemd-service.ts';
import type {AnyTaskKind} from './task.ts';
import {templateKind} from './template.ts';
import {userKind} from './user.ts';

const GENERIC_KINDS: readonly AnyTaskKind[] = [
  assertKind,
  commandKind,
  copyKind,
  debugKind,
  failKind,
  fileKind,
  groupKind,
  pingKind,
  setFactKind,
  shellKind,
  statKind,
  systemdServiceKind,
  templateKind,
  userKind,
];

/** Every kind by its name. */
export const KINDS: ReadonlyMap<string, AnyTaskKind> = new Map(
  [...GENERIC_KINDS, ...ETCD_KINDS].map(kind => [kind.name, kind]),
);

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['systemd', 'systemd_service'],
  ['service', 'systemd_service'],
]);

/** The kind that a task's key names: `file`, `ansible.builtin.file`, `ansible.legacy.file`, or an alias such as `systemd`. */
export function kindOf(name: string): AnyTaskKind | undefined {
  const word = name.replace(/^ansible\.(?:builtin|legacy)\./, '');
  return KINDS.get(ALIASES.get(word) ?? word);
}

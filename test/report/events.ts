/** Hand-made events for the reporters' tests. */
import type {Event, TaskRef, TaskStatus} from '../../src/base/event.ts';

type TaskEnd = Extract<Event, {type: 'task-end'}>;

export const HOSTS = ['10.10.10.10', '10.10.10.11', '10.10.10.12'] as const;

/** A task of the role etcd, tagged as its roles tag: short and long. */
export function ref(host: string, phase: string, name: string): TaskRef {
  return {
    id: `etcd/etcd/${phase}-${name.replaceAll(' ', '-')}@${host}`,
    play: 'etcd cluster',
    role: 'etcd',
    name,
    kind: 'template',
    host,
    tags: ['etcd', phase, `etcd_${phase}`],
    at: 'roles/etcd/tasks/main.yml:12:3',
  };
}

export function end(task: TaskRef, status: TaskStatus, reason: string, more: Partial<TaskEnd> = {}): TaskEnd {
  return {type: 'task-end', task, status, reason, ops: [], diffs: [], durationMs: 12, diagnostics: [], ...more};
}

export function start(hosts: readonly string[], check = false): Event[] {
  return [
    {type: 'run-start', runId: 'r1', program: 'etcdctl-play', version: '0.1.0', check, hosts, tasks: 9},
    {type: 'play-start', play: 'etcd cluster', hosts},
  ];
}

export function finish(exitCode = 0, hint?: string): Event {
  return {type: 'run-end', exitCode, durationMs: 900, recap: {}, ...(hint === undefined ? {} : {hint})};
}

/** Every host ends one task in one way. */
export function everywhere(hosts: readonly string[], phase: string, name: string, status: TaskStatus = 'ok'): Event[] {
  return hosts.map(host =>
    end(ref(host, phase, name), status, status === 'ok' ? 'already as wanted' : 'content differs'),
  );
}

import {describe, expect, it} from 'vitest';
import {problem, warning} from '../../src/base/diagnostic.ts';
import type {Event} from '../../src/base/event.ts';
import {createPaint} from '../../src/report/paint.ts';
import {TextReporter, type TextReporterOptions} from '../../src/report/text.ts';
import {end, everywhere, finish, HOSTS, ref, start} from './events.ts';

/** What the text view prints; `tick` stands for a second that passes. */
function render(events: readonly (Event | 'tick')[], options: Partial<TextReporterOptions> = {}): string {
  let text = '';
  const reporter = new TextReporter(part => (text += part), {
    paint: createPaint(false),
    verbosity: 0,
    diff: false,
    ...options,
  });
  for (const event of events) event === 'tick' ? reporter.tick() : reporter.on(event);
  return text;
}

const [A, B, C] = HOSTS;
const BANNER = 'PLAY [etcd cluster] ************************************************************';
const RECAP = 'PLAY RECAP *********************************************************************';

describe('the text view', () => {
  it('shows a run that changes nothing as one line per phase', () => {
    const events = [
      ...start(HOSTS),
      ...everywhere(HOSTS, 'assert', 'cluster is well defined'),
      ...everywhere(HOSTS, 'conf', 'render etcd.conf'),
      ...everywhere(HOSTS, 'conf', 'render the unit'),
      ...everywhere(HOSTS, 'purge', 'stop etcd', 'skipped'),
      finish(),
    ];
    expect(render(events)).toBe(`
${BANNER}
ok          assert       1 task on 3 hosts
ok          conf         2 tasks on 3 hosts

${RECAP}
10.10.10.10                : ok=3    changed=0    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0
10.10.10.11                : ok=3    changed=0    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0
10.10.10.12                : ok=3    changed=0    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0

changed=0 on every host, 0.9 s
`);
  });

  it('groups equal changes of one task and keeps the order of the playbook though hosts run apart', () => {
    const events = [
      ...start(HOSTS),
      end(ref(C, 'conf', 'render etcd.conf'), 'changed', 'content differs'),
      end(ref(A, 'conf', 'render etcd.conf'), 'changed', 'content differs'),
      end(ref(A, 'launch', 'start etcd'), 'changed', 'inactive'),
      end(ref(B, 'conf', 'render etcd.conf'), 'changed', 'mode 0644 -> 0640'),
      end(ref(B, 'launch', 'start etcd'), 'changed', 'inactive'),
      end(ref(C, 'launch', 'start etcd'), 'ok', 'running'),
      finish(),
    ];
    expect(render(events)).toBe(`
${BANNER}
changed: [10.10.10.10, 10.10.10.12] etcd : conf | render etcd.conf — content differs
changed: [10.10.10.11] etcd : conf | render etcd.conf — mode 0644 -> 0640
changed     conf         1 task on 3 hosts: 3 changed
changed: [10.10.10.10, 10.10.10.11] etcd : launch | start etcd — inactive
changed     launch       1 task on 3 hosts: 2 changed

${RECAP}
10.10.10.10                : ok=2    changed=2    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
10.10.10.11                : ok=2    changed=2    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
10.10.10.12                : ok=2    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0

changed=5 on 3 of 3 hosts, 0.9 s
`);
  });

  it('shows in a check what would be done, and which options restart a member', () => {
    const causes = [
      {code: 'config_key_changed', detail: 'quota-backend-bytes', restart: true},
      {code: 'config_key_changed', detail: 'initial-cluster', restart: false},
      {code: 'content_differs', detail: '/etc/etcd/etcd.conf'},
    ];
    const ops = [{kind: 'unit', text: 'systemctl restart etcd.service'}];
    const shown = (check: boolean) =>
      render([
        ...start([A, B], check),
        end(ref(A, 'restart', 'member'), 'changed', 'quota', {ops, causes}),
        end(ref(B, 'restart', 'member'), 'ok', 'no restart', {causes: causes.slice(1, 2)}),
      ]);
    expect(shown(true)).toContain(`
changed: [10.10.10.10] etcd : restart | member — quota
  systemctl restart etcd.service
  quota-backend-bytes: restarts the member
  initial-cluster: never restarts the member
ok: [10.10.10.11] etcd : restart | member — no restart
  initial-cluster: never restarts the member
`);
    expect(shown(false)).not.toContain('\n  ');
  });

  it('stays at a screenful for a hundred hosts', () => {
    const hosts = Array.from({length: 100}, (_, index) => `node${index + 1}`);
    const text = render([...start(hosts), ...everywhere(hosts, 'conf', 'render etcd.conf', 'changed'), finish()]);
    expect(text.split('\n').slice(0, 5)).toEqual([
      '',
      BANNER,
      'changed: [node1, node2, node3, node4, node5 and 95 more] etcd : conf | render etcd.conf — content differs',
      'changed     conf         1 task on 100 hosts: 100 changed',
      '',
    ]);
  });

  it('shows what has waited for a slow host after two ticks, and the rest later, each once', () => {
    const first = render([
      ...start(HOSTS),
      end(ref(A, 'conf', 'render etcd.conf'), 'changed', 'content differs'),
      'tick',
      end(ref(B, 'conf', 'render etcd.conf'), 'changed', 'content differs'),
      'tick',
      end(ref(C, 'conf', 'render etcd.conf'), 'changed', 'content differs'),
    ]);
    expect(first).toBe(`
${BANNER}
changed: [10.10.10.10, 10.10.10.11] etcd : conf | render etcd.conf — content differs
changed: [10.10.10.12] etcd : conf | render etcd.conf — content differs
`);
  });

  it('prints a failure whole, says what was not tried and how to go on', () => {
    const failure = problem('E_OPERATION', 'could not systemctl start etcd: unit is masked\nsee systemctl status', {
      hint: 'unmask it.',
    });
    const events = [
      ...start([A]),
      end(ref(A, 'launch', 'start etcd'), 'failed', failure.message, {diagnostics: [failure]}),
      end(ref(A, 'health', 'wait for quorum'), 'blocked', 'start etcd failed'),
      finish(2, 'run it again.'),
    ];
    expect(render(events)).toBe(`
${BANNER}
failed: [10.10.10.10] etcd : launch | start etcd (roles/etcd/tasks/main.yml:12:3)
  E_OPERATION could not systemctl start etcd: unit is masked
    see systemctl status
    hint: unmask it.
failed      launch       1 task on 1 host: 1 failed

${RECAP}
10.10.10.10                : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0

changed=0 on every host, failed on 1 host, tasks not tried on 1 host, 0.9 s
exit code 2: a task failed
hint: run it again.
`);
  });

  it('counts what was not tried beside what was', () => {
    const events = [
      ...start([A, B]),
      end(ref(A, 'conf', 'x'), 'blocked', 'the host was lost'),
      end(ref(B, 'conf', 'x'), 'ok', 'as wanted'),
      end(ref(A, 'env', 'y'), 'blocked', 'the host was lost'),
      end(ref(B, 'env', 'y'), 'skipped', 'when: z is false'),
    ];
    expect(render(events)).toBe(`\n${BANNER}\nok          conf         1 task on 1 host: 1 not tried\n`);
  });

  it('tells the loss of a host once', () => {
    const lost = problem('E_UNREACHABLE', '10.10.10.10: connection refused', {hint: 'is sshd running?'});
    const events = [
      ...start([A]),
      {type: 'host-connecting', host: A} as const,
      {type: 'host-unreachable', host: A, diagnostic: lost} as const,
      end(ref(A, 'conf', 'render etcd.conf'), 'unreachable', lost.message, {diagnostics: [lost]}),
      finish(4),
    ];
    expect(render(events)).toBe(`unreachable: [10.10.10.10]
  E_UNREACHABLE 10.10.10.10: connection refused
    hint: is sshd running?

${RECAP}
10.10.10.10                : ok=0    changed=0    unreachable=1    failed=0    skipped=0    rescued=0    ignored=0

changed=0 on every host, could not reach 1 host, 0.9 s
exit code 4: a host could not be reached
`);
  });

  it('counts a refusal as failed in the recap and names it below', () => {
    const refusal = problem('E_QUORUM', 'one of 3 members is down', {hint: 'bring it back first.'});
    const text = render([
      ...start([A]),
      end(ref(A, 'launch', 'restart etcd'), 'refused', refusal.message, {diagnostics: [refusal]}),
      finish(3),
    ]);
    expect(text.split('\n').slice(2, 4)).toEqual([
      'refused: [10.10.10.10] etcd : launch | restart etcd (roles/etcd/tasks/main.yml:12:3)',
      '  E_QUORUM one of 3 members is down',
    ]);
    expect(text.split('\n').slice(-5)).toEqual([
      '10.10.10.10                : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0',
      '',
      'changed=0 on every host, refused on 1 host, 0.9 s',
      'exit code 3: a safety rule refused a task',
      '',
    ]);
  });

  it('shows every end, its operations and skipped tasks with -v', () => {
    const events = [
      ...start([A]),
      end(ref(A, 'conf', 'render etcd.conf'), 'changed', 'content differs', {
        ops: [{kind: 'write', text: 'write /etc/etcd/etcd.conf (0640 root:etcd)'}],
      }),
      end(ref(A, 'conf', 'render the unit'), 'ok', 'already as wanted'),
      end(ref(A, 'purge', 'stop etcd'), 'skipped', 'when: etcd_purge is false'),
    ];
    expect(
      render([...events, finish()], {verbosity: 1})
        .split('\n')
        .slice(0, 9),
    ).toEqual([
      'run r1',
      '',
      BANNER,
      'changed: [10.10.10.10] etcd : conf | render etcd.conf — content differs',
      '  write /etc/etcd/etcd.conf (0640 root:etcd)',
      'ok: [10.10.10.10] etcd : conf | render the unit — already as wanted',
      'changed     conf         2 tasks on 1 host: 1 changed',
      'skipping: [10.10.10.10] etcd : purge | stop etcd — when: etcd_purge is false',
      'skipped     purge        0 tasks on 0 hosts: 1 skipped',
    ]);
  });

  it('shows files before and after with --diff', () => {
    const diffs = [{path: '/etc/etcd/etcd.conf', before: 'a\nb\n', after: 'a\nc\n'}];
    const events = [...start([A]), end(ref(A, 'conf', 'render etcd.conf'), 'changed', 'content differs', {diffs})];
    expect(render(events, {diff: true})).toBe(`
${BANNER}
changed: [10.10.10.10] etcd : conf | render etcd.conf — content differs
--- before: /etc/etcd/etcd.conf
+++ after: /etc/etcd/etcd.conf
@@ -1,2 +1,2 @@
 a
-b
+c
`);
  });

  it('says at the beginning and at the end that a check run changes nothing', () => {
    const text = render([...start([A], true), end(ref(A, 'conf', 'x'), 'undecided', 'after etcd : install'), finish()]);
    expect(text.split('\n').filter(line => line.includes('check mode') || line.startsWith('undecided'))).toEqual([
      'check mode: nothing will be changed',
      'undecided: [10.10.10.10] etcd : conf | x — after etcd : install',
      'undecided   conf         1 task on 1 host: 1 undecided',
      'changed=0 on every host, 0.9 s (check mode: nothing was really changed)',
    ]);
  });

  it('shows output of tasks, warnings and ignored failures', () => {
    const failure = problem('E_OPERATION', 'exit code 1');
    const text = render([
      ...start([A]),
      end(ref(A, 'health', 'members'), 'ok', 'healthy', {output: 'a | started\nb | started\n'}),
      end(ref(A, 'health', 'quota'), 'ok', 'fine', {diagnostics: [warning('W_QUOTA', 'the database is 80 % full')]}),
      end(ref(A, 'health', 'probe'), 'failed', failure.message, {diagnostics: [failure], ignored: true}),
    ]);
    expect(text).toBe(`
${BANNER}
ok: [10.10.10.10] etcd : health | members — healthy
  a | started
  b | started
ok: [10.10.10.10] etcd : health | quota — fine
  W_QUOTA the database is 80 % full
failed (ignored): [10.10.10.10] etcd : health | probe (roles/etcd/tasks/main.yml:12:3)
  E_OPERATION exit code 1
`);
  });

  it('names a play without hosts', () => {
    expect(render([{type: 'play-start', play: 'etcd cluster', hosts: []}])).toBe(
      `\n${BANNER}\nskipping: no hosts matched\n`,
    );
  });

  it('says what it waits for when a task takes longer than ten seconds', () => {
    const task = ref(A, 'launch', 'start etcd');
    const ticks = Array.from({length: 12}, () => 'tick' as const);
    expect(render([{type: 'task-start', task}, {type: 'task-progress', task, text: 'no leader yet'}, ...ticks])).toBe(
      'waiting: [10.10.10.10] etcd : launch | start etcd, 10 s — no leader yet\n',
    );
  });

  it('lets no control character of a host through', () => {
    const text = render([
      ...start([A]),
      end(ref(A, 'conf', '\x1b[2Jname\r'), 'changed', 'x\x1b]0;t\x07y\nz', {output: '\x1b[1A\u202e'}),
    ]);
    expect(text).toBe(`\n${BANNER}\nchanged: [10.10.10.10] etcd : conf | name\\x0d — xy z\n  \\u202e\n`);
  });

  it('adds workflow commands where asked for', () => {
    const events = [{type: 'diagnostic', diagnostic: problem('E_X', 'bad\nthing')} as const];
    expect(render(events, {annotations: true})).toBe('E_X bad\n  thing\n::error title=E_X::bad%0Athing\n');
  });

  it('colours words, not the text of hosts', () => {
    const events = [...start([A]), end(ref(A, 'conf', 'x'), 'changed', 'why')];
    expect(render(events, {paint: createPaint(true)})).toBe(
      `\n\x1b[1m${BANNER}\x1b[22m\n\x1b[33mchanged: [10.10.10.10]\x1b[39m etcd : conf | x — why\n`,
    );
  });
});

/** The first questions of a run. */
import {prepareEtcd} from '../cluster/client.ts';
import type {Task} from '../task/task.ts';
import {isControllerProbe} from './controller-probe.ts';
import {isHostProbe, probesOf, withoutAt} from './decide.ts';
import type {LaneEnvironment} from './lane-environment.ts';
import {hostQuestion} from './plan-record.ts';
import type {HostSession, Question} from './session.ts';

/** Those who answer. */
type Answering = Pick<LaneEnvironment, 'sessions' | 'etcd' | 'controller' | 'lock'>;

/**
 * Asks, at once and without waiting, everything that can be asked: each host in one batch, live members while the hosts'
 * agents answer. In a run that changes nothing these are all the answers needed. A failure is met again by the task that needs it.
 * `asksHosts`: also who each host is, for a plan to be saved.
 */
export function askAhead(
  tasks: readonly Task[],
  {sessions, etcd, controller, lock}: Answering,
  asksHosts: boolean,
): void {
  const locks = lock.questions();
  const questions = new Map(
    [...sessions].map(([name, session]): [HostSession, Question[]] => {
      const first = locks.get(session);
      return [session, [...(first ? [first] : []), ...(asksHosts ? [hostQuestion(tasks, name)] : [])]];
    }),
  );
  let asksEtcd = false;
  for (const task of tasks) {
    if (task.kind === 'barrier' || task.late !== undefined || task.skip !== undefined) continue;
    for (const probe of Object.values(probesOf(task))) {
      if (probe.kind === 'etcd') {
        asksEtcd = true;
        etcd.ask(probe).catch(() => undefined);
      }
      if (isControllerProbe(probe)) controller.ask(probe).catch(() => undefined);
      if (!isHostProbe(probe)) continue;
      const session = sessions.get(probe.at ?? task.host);
      if (session === undefined) continue;
      const list = questions.get(session) ?? [];
      list.push({probe: withoutAt(probe), as: task.become});
      questions.set(session, list);
    }
  }
  for (const [session, list] of questions) session.ask(list).catch(() => undefined);
  // Loaded while the hosts' greetings are on their way.
  if (asksEtcd) void prepareEtcd();
}

/** What a lane asks its host: everything that is still to come, once, and again only when answers may have become stale. */
import type {Task} from '../task/task.ts';
import {hostQuestions} from './decide.ts';
import type {HostSession, Question} from './session.ts';

/** The questions of one lane's tasks. */
export class LaneQuestions {
  readonly #tasks: readonly Task[];
  readonly #byTask = new Map<Task, readonly Question[]>();
  /** The generation of the host's facts at which all that was still to come had been asked. */
  #askedAt: number | undefined;

  constructor(tasks: readonly Task[]) {
    this.#tasks = tasks;
  }

  /** Sends the questions of all tasks from `index` on that have no answer. Rejects with `ConnectionError` when the host is lost. */
  async ask(index: number, session: HostSession | undefined): Promise<void> {
    if (session === undefined || this.#askedAt === session.facts.generation) return;
    const {generation} = session.facts;
    const questions = this.#tasks.slice(index).flatMap(task => this.#of(task));
    if (questions.length > 0) await session.ask(questions);
    this.#askedAt = generation;
  }

  /** Making a probe's words costs more than keeping them: a task is asked about after each change before it. */
  #of(task: Task): readonly Question[] {
    if (task.kind === 'barrier' || task.late !== undefined || task.skip !== undefined) return [];
    const known = this.#byTask.get(task) ?? hostQuestions(task);
    this.#byTask.set(task, known);
    return known;
  }
}

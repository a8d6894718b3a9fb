/** What a host says of the run that has it locked, and of critical steps that ended unheard (verb `run-state`). */
import {printableLine} from '../base/printable.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {RunStateFact, StepFact} from '../task/fact.ts';

const LOCK_LINES = 5;
const STEP_LINES = 4;

/** Reads the answer; anything odd is refused. */
export function parseRunState(stdout: string): Result<RunStateFact, string> {
  const lines = stdout.split('\n');
  if (lines.pop() !== '') return err('its answer is not understood');
  const head = /^lock (free|held|stale|gone) (-?\d{1,12})$/.exec(lines[0] ?? '');
  if (head === null) return err('its answer is not understood');
  const state = head[1] as RunStateFact['lock']['state'];
  const idleSeconds = Number(head[2]);
  const firstStep = lines.findIndex((line, index) => index > 0 && line.startsWith('step '));
  const [, runId = '', who = '', since = '', command = ''] = lines
    .slice(0, firstStep === -1 ? LOCK_LINES : firstStep)
    .map(line => printableLine(line).slice(0, 500));
  const steps = parseSteps(firstStep === -1 ? [] : lines.slice(firstStep));
  if (steps === undefined) return err('its answer is not understood');
  return ok({lock: {state, idleSeconds, ...(state === 'free' ? {} : {owner: {runId, who, since, command}})}, steps});
}

function parseSteps(lines: readonly string[]): StepFact[] | undefined {
  const steps: StepFact[] = [];
  for (let start = 0; start < lines.length; start += STEP_LINES) {
    const [head = '', runId = '', title = '', words = ''] = lines.slice(start, start + STEP_LINES);
    const match = /^step ([A-Za-z0-9-]{1,80}) (working|done|failed|down|broken)$/.exec(head);
    if (match === null) return undefined;
    steps.push({
      id: match[1] ?? '',
      runId: printableLine(runId).slice(0, 80),
      title: printableLine(title).slice(0, 300),
      state: match[2] as StepFact['state'],
      words: printableLine(words).slice(0, 1000),
    });
  }
  return steps;
}

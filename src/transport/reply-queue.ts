/** Answers that are awaited, in the order in which the host gives them: the agent does one thing after another. */
import type {Reply} from './connection.ts';
import type {Marked} from './framing.ts';

interface Awaited {
  readonly id: number;
  /** Seconds after which the host itself ends the request. */
  readonly seconds: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  stdout?: Marked;
  stderr?: Marked;
}

/** Puts the two halves of an answer (standard output, standard error) together. */
export class ReplyQueue {
  readonly #entries: Awaited[] = [];

  /** The request that the host is working on. */
  get oldest(): {readonly id: number; readonly seconds: number} | undefined {
    return this.#entries[0];
  }

  expect(id: number, seconds: number): Promise<Reply> {
    return new Promise((resolve, reject) => this.#entries.push({id, seconds, resolve, reject}));
  }

  /** Takes one half: `answered` = it was the second one; `foreign` = no request of ours has this id at this place. */
  take(stream: 'stdout' | 'stderr', marked: Marked): 'answered' | 'half' | 'foreign' {
    const entry = this.#entries.find(candidate => candidate[stream] === undefined);
    if (entry?.id !== marked.id || !/^(?:\d{1,3}|skipped|superseded)$/.test(marked.status)) return 'foreign';
    entry[stream] = marked;
    const {stdout, stderr} = entry;
    if (stdout === undefined || stderr === undefined) return 'half';
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    entry.resolve(toReply(stdout, stderr));
    return 'answered';
  }

  rejectAll(error: Error): void {
    for (const {reject} of this.#entries.splice(0)) reject(error);
  }
}

function toReply(stdout: Marked, stderr: Marked): Reply {
  const note = stdout.dropped > 0 ? `\n(the output was too long: its first ${stdout.dropped} bytes were dropped)` : '';
  const skipped = stdout.status === 'skipped';
  const superseded = stdout.status === 'superseded';
  return {
    rc: skipped || superseded ? 125 : Number(stdout.status),
    stdout: stdout.body,
    stderr: stderr.body.toString() + note,
    skipped,
    ...(superseded ? {superseded} : {}),
  };
}

/** The plain view: for terminals, CI and logs. Changes and failures by task, everything else as one line per phase, then the recap. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Event, TaskStatus} from '../base/event.ts';
import {printable, printableLine} from '../base/printable.ts';
import {unreachable} from '../base/unreachable.ts';
import {annotation, drawDiagnostic} from './diagnostic.ts';
import {drawEnds, indent, STATUS_STYLES, type TextOptions} from './ending.ts';
import {closingLines, formatDuration, RecapCounter, recapLines} from './recap.ts';
import type {Reporter, Write} from './reporter.ts';
import {type PhaseSum, Rows} from './rows.ts';
import {Waiting} from './waiting.ts';
import {padTo} from './width.ts';

/** Settings of the text view. */
export interface TextReporterOptions extends TextOptions {
  /** Also print GitHub workflow commands, so that problems are marked in the pull request. */
  readonly annotations?: boolean;
}

/** Ansible's banners end at this column. */
const BANNER_COLUMNS = 79;
/** The worst end of what was tried names a phase. */
const WORST_FIRST: readonly TaskStatus[] = [
  'failed',
  'refused',
  'unreachable',
  'changed',
  'undecided',
  'ok',
  'blocked',
  'skipped',
];
const COUNT_WORDS: Partial<Readonly<Record<TaskStatus, string>>> = {blocked: 'not tried'};

/** The plain view. `tick` is to be called about once a second. */
export class TextReporter implements Reporter {
  readonly #write: Write;
  readonly #options: TextReporterOptions;
  readonly #rows: Rows;
  readonly #waiting = new Waiting();
  readonly #recap = new RecapCounter();
  #play: string | undefined;
  #check = false;

  constructor(write: Write, options: TextReporterOptions) {
    this.#write = write;
    this.#options = options;
    this.#rows = new Rows({
      ends: ends => this.#show(ends[0]?.task.play ?? '', drawEnds(ends, {...options, check: this.#check})),
      phase: sum => this.#show(sum.play, this.#drawPhase(sum)),
    });
  }

  on(event: Event): void {
    this.#recap.on(event);
    this.#waiting.on(event);
    switch (event.type) {
      case 'run-start':
        this.#start(event);
        break;
      case 'play-start':
        this.#startPlay(event.play, event.hosts);
        break;
      case 'host-connecting':
        this.#detail(2, `connecting: [${event.host}]`);
        break;
      case 'host-connected':
        this.#detail(1, `connected: [${event.host}] ${formatDuration(event.durationMs)}`);
        break;
      case 'host-unreachable':
        this.#unreachable(event.host, event.diagnostic);
        break;
      case 'task-start':
        this.#detail(3, `start: [${event.task.host}] ${printableLine(event.task.name)}`);
        break;
      case 'task-progress':
        this.#detail(
          1,
          `waiting: [${event.task.host}] ${printableLine(event.task.name)} — ${printableLine(event.text)}`,
        );
        break;
      case 'task-end':
        this.#end(event);
        break;
      case 'diagnostic':
        this.#diagnostic(event.diagnostic);
        break;
      case 'trace':
        this.#detail(event.level, `${event.host === undefined ? '' : `[${event.host}] `}${printable(event.text)}`);
        break;
      case 'run-end':
        this.#finish(event);
        break;
      default:
        unreachable(event);
    }
  }

  tick(): void {
    this.tickRows();
    for (const line of this.#waiting.tick()) this.#write(`${this.#options.paint('dim', line)}\n`);
  }

  /** Shows ends that have waited for others, without a word about long waits. */
  tickRows(): void {
    this.#rows.tick();
  }

  close(): void {
    this.#rows.flush();
  }

  #start({check, runId}: Extract<Event, {type: 'run-start'}>): void {
    this.#check = check;
    this.#detail(1, `run ${runId}`);
    if (check) this.#write('check mode: nothing will be changed\n');
  }

  #startPlay(play: string, hosts: readonly string[]): void {
    this.#rows.expect(play, hosts);
    if (hosts.length === 0) this.#show(play, `${this.#options.paint('cyan', 'skipping: no hosts matched')}\n`);
  }

  #end(event: Extract<Event, {type: 'task-end'}>): void {
    // The loss of a host is told once, where it happened.
    const isTold = event.status === 'unreachable' && this.#recap.isLost(event.task.host);
    this.#rows.end(isTold ? {...event, status: 'blocked', reason: 'the host was lost', diagnostics: []} : event);
    for (const diagnostic of isTold || event.ignored ? [] : event.diagnostics) this.#annotate(diagnostic);
  }

  #unreachable(host: string, diagnostic: Diagnostic): void {
    const {paint} = this.#options;
    this.#write(`${paint('red', `unreachable: [${host}]`)}\n${indent(drawDiagnostic(diagnostic, paint))}\n`);
    this.#annotate(diagnostic);
  }

  #diagnostic(diagnostic: Diagnostic): void {
    this.#write(`${drawDiagnostic(diagnostic, this.#options.paint)}\n`);
    this.#annotate(diagnostic);
  }

  #annotate(diagnostic: Diagnostic): void {
    if (this.#options.annotations) this.#write(`${annotation(diagnostic)}\n`);
  }

  #detail(level: number, text: string): void {
    if (this.#options.verbosity >= level) this.#write(`${this.#options.paint('dim', text)}\n`);
  }

  /** Text of a play, below the play's banner. */
  #show(play: string, text: string): void {
    if (text === '') return;
    const banner = play === this.#play ? '' : this.#banner(`PLAY [${printableLine(play)}]`);
    this.#play = play;
    this.#write(banner + text);
  }

  #banner(title: string): string {
    return `\n${this.#options.paint('bold', `${title} ${'*'.repeat(Math.max(3, BANNER_COLUMNS - title.length))}`)}\n`;
  }

  /** `ok          conf         3 tasks on 3 hosts`. */
  #drawPhase({phase, tasks, hosts, counts}: PhaseSum): string {
    const {paint, verbosity} = this.#options;
    const status = WORST_FIRST.find(one => counts.has(one)) ?? 'ok';
    if (verbosity === 0 && tasks === 0) return '';
    const details = WORST_FIRST.filter(one => one !== 'ok' && counts.has(one) && (one !== 'skipped' || verbosity > 0));
    const detail = details.map(one => `${counts.get(one)} ${COUNT_WORDS[one] ?? one}`).join(', ');
    const what = `${plural(tasks, 'task')} on ${plural(hosts.size, 'host')}${detail === '' ? '' : `: ${detail}`}`;
    const word = padTo(COUNT_WORDS[status] ?? status, 12);
    return `${paint(STATUS_STYLES[status], word)}${padTo(printableLine(phase), 12)} ${what}\n`;
  }

  #finish(event: Extract<Event, {type: 'run-end'}>): void {
    const {paint} = this.#options;
    this.#rows.flush();
    const lines = [
      ...recapLines(this.#recap.hosts, paint),
      '',
      ...closingLines(this.#recap.hosts, event, this.#check, paint),
    ];
    this.#write(`${this.#banner('PLAY RECAP')}${lines.join('\n')}\n`);
  }
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

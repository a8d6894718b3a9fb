import {describe, expect, it} from 'vitest';
import type {Event} from '../../src/base/event.ts';
import {LiveReporter} from '../../src/report/live.ts';
import {createPaint} from '../../src/report/paint.ts';
import {TextReporter} from '../../src/report/text.ts';
import {end, everywhere, finish, HOSTS, ref, start} from './events.ts';

/** Cursor up, clear, carriage return, newline, or text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is looked for
const PARTS = /\x1b\[\d*[A-Z]|\r|\n|[^\x1b\r\n]+/g;

/** What a terminal shows after these writes: understands cursor up, carriage return, clear to end of screen. */
class Screen {
  #lines: string[] = [''];
  #row = 0;
  writes = 0;

  write(text: string): void {
    this.writes++;
    for (const part of text.match(PARTS) ?? []) this.#put(part);
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  #put(part: string): void {
    if (part === '\n') {
      this.#row++;
      if (this.#row === this.#lines.length) this.#lines.push('');
    } else if (part === '\x1b[J') this.#lines = [...this.#lines.slice(0, this.#row), ''];
    else if (part.startsWith('\x1b[')) this.#row -= Number(part.slice(2, -1));
    else if (part !== '\r') this.#lines[this.#row] += part;
  }
}

function play(events: readonly (Event | 'tick')[], size = {columns: 80, rows: 24}): Screen {
  const screen = new Screen();
  const reporter = new LiveReporter(text => screen.write(text), {
    paint: createPaint(false),
    verbosity: 0,
    diff: false,
    size: () => size,
  });
  for (const event of events) event === 'tick' ? reporter.tick() : reporter.on(event);
  return screen;
}

const [A, B, C] = HOSTS;
const middle: Event[] = [
  ...start(HOSTS),
  end(ref(A, 'conf', 'render'), 'changed', 'content differs'),
  end(ref(B, 'conf', 'render'), 'ok', 'as wanted'),
  {type: 'task-start', task: ref(A, 'launch', 'start etcd')},
  {type: 'task-progress', task: ref(A, 'launch', 'start etcd'), text: 'no leader yet'},
];

describe('the live view', () => {
  it('shows the phases under way with hosts that have left them, changes, and what is waited for', () => {
    expect(play([...middle, 'tick']).text).toBe(
      ['⠙ conf         1/3 hosts       1 changed', '⠙ launch       0/3 hosts', '  10.10.10.10: no leader yet', ''].join(
        '\n',
      ),
    );
  });

  it('leaves behind exactly what the plain view prints', () => {
    const rest = [
      end(ref(C, 'conf', 'render'), 'changed', 'content differs'),
      ...everywhere(HOSTS, 'launch', 'start etcd'),
      finish(),
    ];
    let plain = '';
    const reporter = new TextReporter(text => (plain += text), {paint: createPaint(false), verbosity: 0, diff: false});
    for (const event of [...middle, ...rest]) reporter.on(event);
    expect(play([...middle, 'tick', 'tick', ...rest.flatMap(event => [event, 'tick' as const])]).text).toBe(plain);
  });

  it('counts connections first', () => {
    const events = [...start(HOSTS), ...HOSTS.map(host => ({type: 'host-connecting', host}) as const)];
    expect(play([...events, {type: 'host-connected', host: A, durationMs: 9}, 'tick']).text).toBe(
      '⠙ connect      1/3 hosts\n',
    );
  });

  it('never draws a line wider than the terminal nor a part higher than it', () => {
    const hosts = Array.from({length: 40}, (_, index) => `h${index}`);
    const many = hosts.map(
      host => ({type: 'task-start', task: ref(host, `phase-of-${host}-with-a-long-name`, 'x')}) as const,
    );
    const drawn = play([...start(hosts), ...many, 'tick'], {columns: 20, rows: 10}).text.split('\n');
    expect([drawn.length - 1, Math.max(...drawn.map(line => line.length))]).toEqual([8, 19]);
  });

  it('writes once a tick however many events there are', () => {
    const hosts = Array.from({length: 100}, (_, index) => `h${index}`);
    const quiet = hosts.slice(1).map(host => ({type: 'task-start', task: ref(host, 'conf', 'render')}) as const);
    expect(play([...start(hosts), ...quiet, 'tick']).writes).toBe(1);
  });

  it('draws nothing after the end', () => {
    const screen = play([...start(HOSTS), finish(), 'tick', 'tick']);
    expect(screen.text.endsWith('changed=0 on every host, 0.9 s\n')).toBe(true);
  });
});

/** The views of a run: which reporters take its events, what passes between them and the screen. */
import type {Emit, Event} from '../base/event.ts';
import {createJsonReporter} from '../report/json.ts';
import {LiveReporter} from '../report/live.ts';
import {createLogReporter} from '../report/log.ts';
import {createPaint} from '../report/paint.ts';
import type {Redactor} from '../report/redact.ts';
import type {Reporter} from '../report/reporter.ts';
import {TextReporter} from '../report/text.ts';
import {isColored} from './color.ts';
import type {Options} from './options.ts';
import type {RunLog} from './run-log.ts';
import type {World} from './world.ts';

/** Narrower terminals get the plain view. */
const MIN_COLUMNS = 40;
const LIVE_TICK_MS = 100;
const TEXT_TICK_MS = 1000;

/** Which view `--output` means here. */
export function chooseView(
  {output}: Pick<Options, 'output'>,
  {env, stdout}: Pick<World, 'env' | 'stdout'>,
): 'text' | 'live' | 'json' {
  if (output === 'json' || output === 'text') return output;
  const isTerminal = stdout.isTTY && stdout.size().columns >= MIN_COLUMNS && env['TERM'] !== 'dumb';
  return isTerminal && (env['CI'] ?? '') === '' ? 'live' : 'text';
}

/** The open views of a run. */
export interface Views {
  readonly emit: Emit;
  close(): void;
}

/** Opens the screen's view and the log's. Every text passes the redactor. A view that breaks is closed; the run goes on. */
export function openViews(options: Options, world: World, redactor: Redactor, log: RunLog | undefined): Views {
  const view = chooseView(options, world);
  const screen = screenReporter(view, options, world, text => world.stdout.write(redactor.clean(text)));
  const reporters: Reporter[] = [screen];
  if (log !== undefined)
    reporters.push(
      createLogReporter(
        text => log.write(redactor.clean(text)),
        () => new Date(world.now()),
      ),
    );
  const safely = (reporter: Reporter, act: () => void): void => {
    try {
      act();
    } catch (error) {
      reporters.splice(reporters.indexOf(reporter), 1);
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      world.stderr.write(redactor.clean(`E_INTERNAL a view of the run broke and is closed; the run goes on: ${why}\n`));
    }
  };
  const timer = setInterval(
    () => safely(screen, () => reporters.includes(screen) && screen.tick?.()),
    view === 'live' ? LIVE_TICK_MS : TEXT_TICK_MS,
  );
  timer.unref();
  return {
    emit(event: Event) {
      for (const reporter of [...reporters]) safely(reporter, () => reporter.on(event));
    },
    close() {
      clearInterval(timer);
      for (const reporter of [...reporters]) safely(reporter, () => reporter.close());
    },
  };
}

function screenReporter(
  view: 'text' | 'live' | 'json',
  options: Options,
  {env, stdout}: World,
  write: (text: string) => void,
): Reporter {
  const {diff, verbosity} = options;
  if (view === 'json') return createJsonReporter(write, {diff, verbosity});
  const annotations = env['GITHUB_ACTIONS'] === 'true';
  const text = {paint: createPaint(isColored(options, stdout, env)), diff, verbosity, annotations};
  return view === 'live'
    ? new LiveReporter(write, {...text, size: () => stdout.size()})
    : new TextReporter(write, text);
}

/** Functions that every template knows. */
import {TemplateFailure, typeFailure} from '../failure.ts';
import {iterate} from '../values/access.ts';
import {keyText, mappingEntries} from '../values/compare.ts';
import {limit, MAX_RANGE} from '../values/meter.ts';
import {type CallArguments, Callable, dictOf, Namespace, Undefined, type Value} from '../values/model.ts';
import {smallInt} from '../values/number.ts';
import {ownDict, ownList} from '../values/owned.ts';
import {undefinedFailure} from '../values/text.ts';

const NO_LOOKUP = 'read the value before the run and pass it with "-e name=value", or put it into the inventory.';
const NO_CLOCK = 'a template gives the same text at any time: pass the time with "-e", if it must be.';

/** Global functions by name. */
export const GLOBALS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['range', new Callable('range', (args, meter) => range(args, count => meter.step(count)))],
  ['dict', new Callable('dict', args => ownDict(dictOf(pairs(args))))],
  ['namespace', new Callable('namespace', namespace)],
  ['cycler', new Callable('cycler', args => cycler(args.positional))],
  ['joiner', new Callable('joiner', args => joiner(args.positional[0] ?? args.named.get('sep') ?? ', '))],
  [
    'undef',
    new Callable(
      'undef',
      args => new Undefined(String(args.positional[0] ?? args.named.get('hint') ?? 'the value is undefined')),
    ),
  ],
  ...['lookup', 'query', 'q'].map(name => [name, unsupported(name, NO_LOOKUP)] as const),
  ['now', unsupported('now', NO_CLOCK)],
]);

function unsupported(name: string, hint: string): Callable {
  return new Callable(name, args => {
    const first = args.positional[0];
    const shown = typeof first === 'string' ? `${name}('${first}', …)` : `${name}()`;
    throw new TemplateFailure('E_TEMPLATE_UNSUPPORTED', `${shown} is not supported`, {hint});
  });
}

function range(args: CallArguments, pay: (count: number) => void): Value {
  for (const value of args.positional) if (value instanceof Undefined) throw undefinedFailure(value);
  const numbers = args.positional.map(value => smallInt(value, 'an argument of range()'));
  const [first, second, step = 1] = numbers;
  if (first === undefined || numbers.length > 3) throw typeFailure('range() takes one to three numbers');
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  if (step === 0) throw typeFailure('the step of range() must not be zero');
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (count > MAX_RANGE) throw limit(`range() of ${count} numbers is more than ${MAX_RANGE}`);
  pay(count);
  return ownList(Array.from({length: count}, (_, index) => start + index * step));
}

function pairs(args: CallArguments): [string, Value][] {
  const [first] = args.positional;
  if (first instanceof Undefined) throw undefinedFailure(first);
  const given = first === undefined ? [] : (mappingEntries(first) ?? iterate(first).map(pairOf));
  return [...given, ...args.named];
}

function pairOf(pair: Value): [string, Value] {
  const [key, value, ...rest] = iterate(pair);
  const name = key === undefined ? undefined : keyText(key);
  if (name === undefined || value === undefined || rest.length > 0)
    throw typeFailure('dict() needs a mapping or a list of pairs');
  return [name, value];
}

function namespace(args: CallArguments): Namespace {
  const created = new Namespace();
  for (const [key, value] of pairs(args)) created.fields.set(key, value);
  return created;
}

/** `cycler('a', 'b')`: `next()` gives them in turn. */
function cycler(values: readonly Value[]): Value {
  if (values.length === 0) throw typeFailure('cycler() needs values');
  return new Cycler(values);
}

class Cycler extends Callable {
  readonly #values: readonly Value[];
  #index = 0;

  constructor(values: readonly Value[]) {
    super('cycler', () => {
      throw typeFailure('a cycler is not called itself', 'call its next().');
    });
    this.#values = values;
  }

  override attribute(name: string): Value | undefined {
    if (name === 'current') return this.#current();
    if (name === 'next') return new Callable('next', () => this.#next());
    return name === 'reset' ? new Callable('reset', () => this.#reset()) : undefined;
  }

  #current(): Value {
    return this.#values[this.#index] ?? null;
  }

  #next(): Value {
    const value = this.#current();
    this.#index = (this.#index + 1) % this.#values.length;
    return value;
  }

  #reset(): Value {
    this.#index = 0;
    return null;
  }
}

/** `joiner(', ')`: nothing at the first call, the separator at every later one. */
function joiner(separator: Value): Value {
  let used = false;
  return new Callable('joiner', () => {
    const value = used ? separator : '';
    used = true;
    return value;
  });
}

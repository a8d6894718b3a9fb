/** `{% for %}`: `loop`, filters, `else`, recursion. */
import {typeFailure} from '../failure.ts';
import type {Statement} from '../syntax/nodes.ts';
import {iterate} from '../values/access.ts';
import {equals, isTruthy} from '../values/compare.ts';
import type {Meter} from '../values/meter.ts';
import {type CallArguments, Callable, PyTuple, Undefined, type Value, valueOr} from '../values/model.ts';
import {evaluate} from './expression.ts';
import type {Scope} from './scope.ts';
import {assign, atPlace, Output, run} from './statement.ts';

type Loop = Extract<Statement, {readonly kind: 'loop'}>;

/** Runs a loop. */
export function runLoop(loop: Loop, scope: Scope, output: Output): void {
  const items = atPlace(loop.over, () => iterate(evaluate(loop.over, scope)));
  runItems(loop, items, scope, output, 1);
}

function runItems(loop: Loop, all: readonly Value[], scope: Scope, output: Output, depth: number): void {
  const items = loop.filter === undefined ? all : kept(loop, all, scope);
  if (items.length === 0) {
    run(loop.otherwise, scope, output);
    return;
  }
  const recurse = (children: Value): string => {
    const inner = new Output();
    runItems(loop, iterate(children), scope, inner, depth + 1);
    return inner.text(scope.environment.meter);
  };
  const state = new LoopState(items, depth, loop.recursive ? recurse : undefined, scope.environment.meter);
  for (const item of items) {
    const inner = scope.child();
    assign(loop.target, item, inner);
    inner.set('loop', state);
    run(loop.body, inner, output);
    state.advance();
  }
}

function kept(loop: Loop, all: readonly Value[], scope: Scope): Value[] {
  const {filter} = loop;
  return all.filter(item => {
    const inner = scope.child();
    assign(loop.target, item, inner);
    return filter === undefined || atPlace(filter, () => isTruthy(evaluate(filter, inner)));
  });
}

/** The `loop` of a running loop. */
class LoopState extends Callable {
  readonly #items: readonly Value[];
  readonly #depth: number;
  readonly #meter: Meter;
  #index = 0;
  #changedBefore: Value | undefined;

  constructor(
    items: readonly Value[],
    depth: number,
    recurse: ((children: Value) => string) | undefined,
    meter: Meter,
  ) {
    super('loop', args => {
      if (recurse === undefined) throw typeFailure('this loop is not recursive', 'write "{% for … recursive %}".');
      return recurse(args.positional[0] ?? null);
    });
    this.#items = items;
    this.#depth = depth;
    this.#meter = meter;
  }

  advance(): void {
    this.#index++;
  }

  override attribute(name: string): Value | undefined {
    const index = this.#index;
    const {length} = this.#items;
    switch (name) {
      case 'index':
        return index + 1;
      case 'index0':
        return index;
      case 'revindex':
        return length - index;
      case 'revindex0':
        return length - index - 1;
      case 'first':
        return index === 0;
      case 'last':
        return index === length - 1;
      case 'length':
        return length;
      case 'depth':
        return this.#depth;
      case 'depth0':
        return this.#depth - 1;
      case 'previtem':
        return valueOr(this.#items[index - 1], () => new Undefined('there is no previous item'));
      case 'nextitem':
        return valueOr(this.#items[index + 1], () => new Undefined('there is no next item'));
      case 'cycle':
        return new Callable('cycle', args => cycle(args, index));
      case 'changed':
        return new Callable('changed', args => this.#changed(args));
      default:
        return undefined;
    }
  }

  #changed(args: CallArguments): boolean {
    const value = new PyTuple(args.positional);
    const before = this.#changedBefore;
    this.#changedBefore = value;
    return before === undefined || !equals(before, value, this.#meter);
  }
}

function cycle(args: CallArguments, index: number): Value {
  const value = args.positional[index % Math.max(1, args.positional.length)];
  if (value === undefined) throw typeFailure('"cycle" needs values');
  return value;
}

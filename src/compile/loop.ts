/** The items of a loop on one host. */
import {type Data, dataMap, isMap} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import type {Loop} from './node.ts';
import {shapeOf} from './raw.ts';
import type {Scope} from './scope.ts';

/** One turn of a loop: the variables that it sets. */
export interface Turn {
  readonly index: number;
  readonly item: Data;
  readonly locals: ReadonlyMap<string, Data>;
}

/** The turns of a loop; undefined after a problem. The graph is drawn before the run: a loop over results is refused. */
export function turnsOf(loop: Loop, scope: Scope): readonly Turn[] | undefined {
  const {names} = scope.play.shared;
  if (names.isLate(names.in(loop.items.value), scope)) {
    const hint = 'loop over a variable, or let one command task go through the results itself.';
    scope.problem(
      problem('E_LOOP_LATE', 'a loop over results of this run is not supported', {at: loop.items.at, hint}),
    );
    return undefined;
  }
  const value = scope.render(loop.items);
  if (value === undefined) return undefined;
  const items = itemsOf(loop, value);
  if (items === undefined) {
    const wanted = loop.word === 'with_dict' ? 'a mapping' : 'a list';
    const shown = typeof value === 'string' ? JSON.stringify(value) : shapeOf(loop.items.node);
    const hint =
      loop.word === 'loop'
        ? 'use "{{ x | dict2items }}" for a mapping, "{{ x | list }}" for a range.'
        : 'check the variable.';
    scope.problem(problem('E_LOOP', `"${loop.word}" needs ${wanted}, not ${shown}`, {at: loop.items.at, hint}));
    return undefined;
  }
  return items.map((item, index) => ({
    index,
    item,
    locals: new Map<string, Data>([
      [loop.loopVar, item],
      ['ansible_loop_var', loop.loopVar],
      ...(loop.indexVar === undefined
        ? []
        : [[loop.indexVar, index] as const, ['ansible_index_var', loop.indexVar] as const]),
    ]),
  }));
}

function itemsOf(loop: Loop, value: Data): readonly Data[] | undefined {
  if (loop.word === 'with_dict') {
    return isMap(value)
      ? Object.entries(value).map(([key, item]) =>
          dataMap([
            ['key', key],
            ['value', item],
          ]),
        )
      : undefined;
  }
  if (loop.word === 'with_items') return Array.isArray(value) ? value.flat(1) : [value];
  return Array.isArray(value) ? (value as readonly Data[]) : undefined;
}

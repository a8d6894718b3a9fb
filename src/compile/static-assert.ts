/** An `assert` whose conditions are all known before the run, and do not hold: a mistake in the variables, told before any host is touched. */
import {type Data, type DataMap, isMap} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import {leansOnRefused, userPlace} from './blame.ts';
import type {StepNode} from './node.ts';
import type {Place} from './place.ts';
import type {Scope} from './scope.ts';

/** Adds a problem for each condition that does not hold. Handlers and tasks that may fail are left to the run. */
export function checkAssert(node: StepNode, args: DataMap, place: Place, scope: Scope): void {
  const {that} = args;
  const isLeftToRun = place.isHandler || place.inherited.has('ignore_errors') || node.failedWhen !== undefined;
  if (node.kind.name !== 'assert' || !Array.isArray(that) || isLeftToRun) return;
  const list = node.args.find(arg => arg.name === 'that');
  (that as readonly Data[]).forEach((item, index) => {
    if (!isMap(item) || item.holds !== false) return;
    const nodes = list?.node.kind === 'sequence' ? list.node.items : [];
    const written = nodes[index]?.at ?? list?.at ?? node.argsAt;
    const names = scope.play.shared.names.of(String(item.condition), 'expression');
    if (leansOnRefused(names, scope)) return;
    const condition = `this does not hold: ${String(item.condition)}`;
    const blamed = userPlace(names, scope);
    const places =
      blamed === undefined ? {at: written} : {at: blamed, related: [{message: 'asserted here', at: written}]};
    const said = args.fail_msg ?? args.msg;
    const hint = said === undefined ? 'change the variables that it names.' : String(said).trim();
    scope.problem(problem('E_ASSERT', condition, {...places, hint}));
  });
}

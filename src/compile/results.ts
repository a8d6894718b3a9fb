/** What a step leaves behind for later tasks: names under `register` and of `set_fact`. */
import {type Data, dataMap} from '../base/data.ts';
import type {Draft} from './expand-step.ts';
import type {HostState} from './host-state.ts';
import type {StepNode} from './node.ts';
import {toBoolean} from './read-words.ts';

/** Notes the names that a step defines on hosts: with their values where these are known now. */
export function keepResult(node: StepNode, drafts: readonly Draft[], hosts: readonly HostState[]): void {
  const [first] = drafts;
  if (first === undefined) {
    // Left out for its problems, which were told: that its result is missing is no problem of its own.
    if (node.register !== undefined) for (const host of hosts) host.setLate(node.register, node.kind.name);
    return;
  }
  if (node.kind.name === 'set_fact') for (const draft of drafts) keepFacts(draft, hosts);
  if (node.register === undefined) return;
  const isSkipped = drafts.every(draft => draft.fields.skip !== undefined);
  for (const host of hosts) {
    if (isSkipped) host.setFact(node.register, skippedResult(node, drafts), `result of ${first.fields.name}`);
    else host.setLate(node.register, first.fields.name);
  }
}

function keepFacts({fields}: Draft, hosts: readonly HostState[]): void {
  if (fields.skip !== undefined) return;
  const late = fields.late?.args;
  for (const [name, value] of Object.entries(late ?? fields.args)) {
    if (name === 'cacheable' && toBoolean(value) !== undefined) continue;
    for (const host of hosts) {
      if (late === undefined) host.setFact(name, value, `set_fact ${fields.name}`);
      else host.setLate(name, fields.name);
    }
  }
}

/** What Ansible registers for a task that was skipped. */
function skippedResult(node: StepNode, drafts: readonly Draft[]): Data {
  const one = (draft: Draft): Data =>
    dataMap([
      ['changed', false],
      ['skipped', true],
      ['failed', false],
      ['skip_reason', draft.fields.skip ?? ''],
    ]);
  if (node.loop === undefined) return drafts[0] === undefined ? dataMap() : one(drafts[0]);
  const results = drafts.filter(draft => draft.item !== undefined).map(one);
  return dataMap([
    ['changed', false],
    ['skipped', true],
    ['failed', false],
    ['results', results],
  ]);
}

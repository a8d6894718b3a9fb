/** Undefined values that can say what they are and what may have been meant. */
import {nearestName} from '../../base/names.ts';
import type {Expression} from '../syntax/nodes.ts';
import {sequenceOf} from '../values/access.ts';
import {isDict, LazyMapping, typeName, Undefined, type Value} from '../values/model.ts';
import type {Environment} from './scope.ts';

const SHOWN_KEYS = 8;

/** A name that no scope and no variable knows. */
export function missingName(node: Extract<Expression, {readonly kind: 'name'}>, environment: Environment): Undefined {
  const near = nearestName(node.name, environment.known());
  const hint =
    near === undefined
      ? 'define it in the inventory, or give it a value with "| default(…)".'
      : `did you mean "${near}"?`;
  return new Undefined(`"${node.name}" is undefined`, {start: node.start, end: node.end, hint});
}

/** A key, index or attribute that a value does not have. */
export function missingMember(
  node: Extract<Expression, {readonly kind: 'attribute' | 'item'}>,
  target: Value,
  key: Value,
  environment: Environment,
): Value {
  // `a.b.c` with `a` undefined complains about `a`.
  if (target instanceof Undefined) return target;
  environment.meter.step();
  const path = describe(node.target);
  const shownKey = typeof key === 'string' ? `"${key}"` : typeof key === 'number' ? String(key) : 'this key';
  const owner = path === undefined ? `a value of type ${typeName(target)}` : `"${path}"`;
  const message = `${owner} has no ${typeof key === 'number' && sequenceOf(target) !== undefined ? 'element' : 'key'} ${shownKey}`;
  return new Undefined(message, {start: node.start, end: node.end, hint: memberHint(target, key)});
}

function memberHint(target: Value, key: Value): string | undefined {
  if (isDict(target) || target instanceof LazyMapping) {
    const keys = target instanceof LazyMapping ? target.keys() : Object.keys(target);
    const near = typeof key === 'string' ? nearestName(key, keys) : undefined;
    if (near !== undefined) return `did you mean "${near}"?`;
    if (keys.length === 0) return 'it is empty.';
    return `its keys are: ${keys.slice(0, SHOWN_KEYS).join(', ')}${keys.length > SHOWN_KEYS ? ', …' : ''}.`;
  }
  const items = sequenceOf(target);
  if (items !== undefined && typeof target !== 'string') return `it has ${items.length} element(s).`;
  return `it is of type ${typeName(target)}.`;
}

/** `pg_cluster.hosts[0]` for an expression that is a plain path. */
export function describe(node: Expression): string | undefined {
  if (node.kind === 'name') return node.name;
  if (node.kind === 'attribute') {
    const target = describe(node.target);
    return target && `${target}.${node.name}`;
  }
  if (node.kind === 'item' && node.key.kind === 'constant') {
    const target = describe(node.target);
    return (
      target &&
      (typeof node.key.value === 'string' ? `${target}['${node.key.value}']` : `${target}[${String(node.key.value)}]`)
    );
  }
  return undefined;
}

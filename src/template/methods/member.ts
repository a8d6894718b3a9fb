/** `a.b` and `a['b']` as Jinja2 resolves them. */
import {ownItem} from '../values/access.ts';
import {Special, Undefined, type Value} from '../values/model.ts';
import {collectionMethod} from './collection.ts';
import {stringMethod} from './string.ts';

/** `target.name` (`attributeFirst`) or `target[name]`: Jinja tries attribute and item in that order, or the other. */
export function member(target: Value, key: Value, attributeFirst: boolean): Value | undefined {
  if (target instanceof Undefined) return target;
  const attribute = () => (typeof key === 'string' ? attributeOf(target, key) : undefined);
  const first = attributeFirst ? attribute() : ownItem(target, key);
  if (first !== undefined) return first;
  return attributeFirst ? ownItem(target, key) : attribute();
}

function attributeOf(target: Value, name: string): Value | undefined {
  if (target instanceof Special) {
    const own = target.attribute(name);
    if (own !== undefined) return own;
  }
  return typeof target === 'string' ? stringMethod(target, name) : collectionMethod(target, name);
}

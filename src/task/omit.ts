/** Ansible's `omit`: an argument whose value is this text is left out. */
import {type Data, type DataMap, dataMap, isMap} from '../base/data.ts';

/** The value of the variable `omit`. */
export const OMIT = '__omit_place_holder__';

/** Arguments without those that are `omit`, at any depth. */
export function withoutOmitted(args: DataMap): DataMap {
  return dataMap(
    Object.entries(args).flatMap(([key, value]) => (value === OMIT ? [] : [[key, dropOmitted(value)] as const])),
  );
}

function dropOmitted(value: Data): Data {
  if (Array.isArray(value)) return value.filter(item => item !== OMIT).map(item => dropOmitted(item as Data));
  return isMap(value) ? withoutOmitted(value) : value;
}

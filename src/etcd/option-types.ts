/** What the value of an option must look like in etcd's configuration file. */
import {type Data, isMap} from '../base/data.ts';
import type {OptionType} from './option-table.ts';

/**
 * What a value should have been; undefined where it is right. etcd takes no number or boolean for a string, nor the other way
 * round (measured on 3.4.23 and 3.5.30: `auto-compaction-retention: 5` keeps it from starting).
 */
export function typeFault(type: OptionType, value: Data): {readonly what: string; readonly hint: string} | undefined {
  const whole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  const isString = typeof value === 'string';
  // An empty value is Go's zero value: etcd then uses its own default.
  if (value === null) return undefined;
  switch (type) {
    case 'string':
      return isString
        ? undefined
        : {
            what: 'a string',
            hint: 'put it in quotes; several URLs are one string, separated by commas without spaces.',
          };
    case 'boolean':
      return typeof value === 'boolean'
        ? undefined
        : {what: 'true or false', hint: 'write true or false, without quotes.'};
    case 'integer':
      return whole ? undefined : {what: 'a whole number', hint: 'write a plain number, without quotes or units.'};
    case 'natural':
      return whole && value >= 0
        ? undefined
        : {what: 'a whole number from 0', hint: 'write a plain number, without quotes or units.'};
    case 'duration':
      return whole
        ? undefined
        : {
            what: 'a duration as a whole number of nanoseconds',
            hint: 'in the file 1 second is 1000000000; "1s" is for the command line only.',
          };
    case 'strings':
      return isStrings(value)
        ? undefined
        : {what: 'a list of strings', hint: 'write it as a YAML list, even for one value: ["…"].'};
    case 'stringOrStrings':
      return isString || isStrings(value)
        ? undefined
        : {what: 'a string or a list of strings', hint: 'write one name or a YAML list of names.'};
    case 'map':
      return isMap(value) ? undefined : {what: 'a mapping', hint: 'write its keys indented below it.'};
  }
}

function isStrings(value: Data): boolean {
  return Array.isArray(value) && value.every(item => typeof item === 'string');
}

/** The value as the user would write it. */
export function showValue(value: Data): string {
  return typeof value === 'bigint'
    ? String(value)
    : JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? Number(part) : part));
}

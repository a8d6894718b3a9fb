/** Whether there is anything to render. */
import type {Data} from '../base/data.ts';
import type {Meter} from './values/meter.ts';
import {isDict, isList, type LazyMapping, Special} from './values/model.ts';

/** Whether a text has anything to render: Jinja2's opening marks. */
export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%') || text.includes('{#');
}

/** Whether any string or key inside is a template. */
export function holdsTemplate(value: Data | LazyMapping, meter: Meter): boolean {
  meter.step();
  if (typeof value === 'string') return isTemplate(value);
  if (value === null || typeof value !== 'object' || value instanceof Special) return false;
  if (isList(value)) return value.some(item => holdsTemplate(item as Data, meter));
  return (
    isDict(value) && Object.entries(value).some(([key, item]) => isTemplate(key) || holdsTemplate(item as Data, meter))
  );
}

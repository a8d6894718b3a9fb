/** `etcd_stop`: the unit does not run. For clean and purge; anything gentler goes through `etcd_restart`. */
import {ok} from '../base/result.ts';
import type {UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind} from './task.ts';

interface Args {
  readonly unit: string;
  /** Name of the cluster that is given up. The gate lets all its members go at once only where all of them go. */
  readonly destroy?: string;
}

/** Stops the unit if it runs (or is about to). */
export const etcdStopKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_stop',
  summary: 'Stops a member that is to be cleaned or purged.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['unit'],
    properties: {unit: {type: 'string'}, destroy: {type: 'string', minLength: 1}},
  },
  probe: ({unit}) => ({unit: {kind: 'unit', unit}}),
  plan: ({unit, destroy}, facts) => {
    const {active, load} = facts.unit as UnitFact;
    if (load === 'not-found' && active === 'inactive') return ok({kind: 'satisfied', reason: 'there is no such unit'});
    if (active === 'inactive' || active === 'failed') return ok({kind: 'satisfied', reason: `already ${active}`});
    const destroys = destroy === undefined ? {} : {destroys: destroy};
    return ok({
      kind: 'change',
      reason: `${unit} is ${active}`,
      ops: [{kind: 'unit', verb: 'stop', unit, ...destroys}],
      causes: [{code: 'unit_running', detail: unit}],
    });
  },
});

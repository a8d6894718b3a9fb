/** `etcd_stop`: the unit does not run. For clean and purge; anything gentler goes through `etcd_restart`. */
import {ok} from '../base/result.ts';
import type {UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind} from './task.ts';

/** Stops the unit if it runs (or is about to). */
export const etcdStopKind = defineKind<{readonly unit: string}, Readonly<Record<string, Probe>>>({
  name: 'etcd_stop',
  summary: 'Stops a member that is to be cleaned or purged.',
  schema: {type: 'object', additionalProperties: false, required: ['unit'], properties: {unit: {type: 'string'}}},
  probe: ({unit}) => ({unit: {kind: 'unit', unit}}),
  plan: ({unit}, facts) => {
    const {active, load} = facts.unit as UnitFact;
    if (load === 'not-found' && active === 'inactive') return ok({kind: 'satisfied', reason: 'there is no such unit'});
    if (active === 'inactive' || active === 'failed') return ok({kind: 'satisfied', reason: `already ${active}`});
    return ok({
      kind: 'change',
      reason: `${unit} is ${active}`,
      ops: [{kind: 'unit', verb: 'stop', unit}],
      causes: [{code: 'unit_running', detail: unit}],
    });
  },
});

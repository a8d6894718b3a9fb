/**
 * Where a member is not as the inventory wants it: what is wanted, what its host's disk holds, and what the running process
 * was started with, compared line by line. Three layers in, differences out.
 */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {certificateDifferences} from './drift-certificates.ts';
import {configDifferences, environmentDifferences, unitFileDifferences} from './drift-files.ts';
import {type Difference, type HostLayers, whose} from './drift-layers.ts';
import {processDifferences} from './drift-running.ts';

/** Every difference of one member, files first, then what runs; one for all where nothing of the member is there yet. */
export function hostDifferences(layers: HostLayers): readonly Difference[] {
  const {config, unitFile, binary, process, live} = layers;
  if ([config.disk, unitFile.disk, binary.disk, process, live].every(one => one === undefined)) {
    const fix = 'etcdctl-play etcd.yml';
    return [{...whose(layers), what: 'etcd', inventory: 'a member', disk: '(nothing)', restart: false, fix}];
  }
  return [
    ...configDifferences(layers),
    ...unitFileDifferences(layers),
    ...environmentDifferences(layers),
    ...certificateDifferences(layers),
    ...processDifferences(layers),
  ];
}

/** A difference as a problem: who, what, what each layer says, what to do. */
export function driftProblem({member, host, what, inventory, disk, process, restart, fix}: Difference): Diagnostic {
  const said = [
    inventory === undefined ? '' : `inventory ${inventory}`,
    disk === undefined ? '' : `disk ${disk}`,
    process === undefined ? '' : `process ${process}`,
  ].filter(text => text !== '');
  const message = `${member} on ${host}: ${what}: ${said.join(', ')}`;
  return problem('E_ETCD_DRIFT', message, {hint: `${fix}${restart ? ' (restarts the member)' : ' (no restart)'}`});
}

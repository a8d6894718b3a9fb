/** Whether a new cluster may start, by what its hosts show. */
import {expect, test} from 'vitest';
import {data, decide, live, memberArgs, SILENT} from '../helpers/decide-etcd.ts';

const args = {members: memberArgs(3), pki_dir: '/pki', data: '/data/etcd'};
const silent = {'etcd:m1': SILENT, 'etcd:m2': SILENT, 'etcd:m3': SILENT};
const empty = {'data:m1': data(false), 'data:m2': data(false), 'data:m3': data(false)};

test.each([
  ['every host came this far', {...silent, ...empty}, [], 'satisfied'],
  ['one host of a new cluster failed before', {...silent, ...empty}, ['m3'], 'refused E_ETCD_BOOTSTRAP_PARTIAL'],
  [
    'that host shows nothing at all',
    {...silent, 'data:m1': data(false), 'data:m2': data(false)},
    ['m3'],
    'refused E_ETCD_BOOTSTRAP_PARTIAL',
  ],
  ['a host of a running cluster failed before', {...silent, ...empty, 'etcd:m1': live('m1', 3)}, ['m3'], 'satisfied'],
  ['a host of a stopped cluster failed before', {...silent, ...empty, 'data:m1': data(true)}, ['m3'], 'satisfied'],
  ['a host of another cluster failed before', {...silent, ...empty}, ['other'], 'satisfied'],
])('%s', (_title, facts, stoppedHosts, expected) => {
  expect(decide('etcd_ready', args, facts, {stoppedHosts})).toBe(expected);
});

/**
 * etcd's calls, from the vendored .proto files. Reading them takes tens of milliseconds: this module (with grpc-js) is
 * imported only when a member is really asked, and then once.
 */
import {fileURLToPath} from 'node:url';
import type {MethodDefinition, ServiceDefinition} from '@grpc/grpc-js';
import {loadSync} from '@grpc/proto-loader';
import type {
  AlarmResponse,
  HashKVResponse,
  MembersResponse,
  RangeResponse,
  SnapshotResponse,
  StatusResponse,
} from './api.ts';

/** One call: its path, and how its messages become bytes and back. */
export type Rpc<Request, Response> = Pick<
  MethodDefinition<Request, Response>,
  'path' | 'requestSerialize' | 'responseDeserialize'
>;

/** The .proto files stay in the source tree: from here and from the built program the way to them is the same. */
const PROTO_DIR = fileURLToPath(new URL('../../src/cluster/proto', import.meta.url));

const definitions = loadSync('rpc.proto', {
  includeDirs: [PROTO_DIR],
  keepCase: true,
  // A 64-bit id does not fit into a JavaScript number.
  longs: String,
  enums: String,
  defaults: true,
});

function rpc<Request, Response>(service: string, method: string): Rpc<Request, Response> {
  const definition = (definitions[`etcdserverpb.${service}`] as ServiceDefinition | undefined)?.[method];
  if (definition === undefined) throw new Error(`Internal error: rpc.proto has no ${service}.${method}`);
  return definition as MethodDefinition<Request, Response>;
}

type Nothing = Record<never, never>;
type Id = {readonly ID: string};

/** Every call used here. */
export const RPC = {
  range: rpc<{readonly key: Buffer; readonly serializable?: boolean; readonly count_only?: boolean}, RangeResponse>(
    'KV',
    'Range',
  ),
  put: rpc<{readonly key: Buffer; readonly value: Buffer}, Nothing>('KV', 'Put'),
  deleteRange: rpc<{readonly key: Buffer}, {readonly deleted: string}>('KV', 'DeleteRange'),
  memberList: rpc<{readonly linearizable: boolean}, MembersResponse>('Cluster', 'MemberList'),
  memberAdd: rpc<{readonly peerURLs: readonly string[]; readonly isLearner: boolean}, MembersResponse>(
    'Cluster',
    'MemberAdd',
  ),
  memberRemove: rpc<Id, MembersResponse>('Cluster', 'MemberRemove'),
  memberPromote: rpc<Id, MembersResponse>('Cluster', 'MemberPromote'),
  memberUpdate: rpc<Id & {readonly peerURLs: readonly string[]}, MembersResponse>('Cluster', 'MemberUpdate'),
  status: rpc<Nothing, StatusResponse>('Maintenance', 'Status'),
  alarm: rpc<
    {readonly action: 'GET' | 'DEACTIVATE'; readonly memberID?: string; readonly alarm?: string},
    AlarmResponse
  >('Maintenance', 'Alarm'),
  defragment: rpc<Nothing, Nothing>('Maintenance', 'Defragment'),
  hashKv: rpc<{readonly revision: string}, HashKVResponse>('Maintenance', 'HashKV'),
  moveLeader: rpc<{readonly targetID: string}, Nothing>('Maintenance', 'MoveLeader'),
  snapshot: rpc<Nothing, SnapshotResponse>('Maintenance', 'Snapshot'),
} as const;

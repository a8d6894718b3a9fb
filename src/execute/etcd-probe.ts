/** Asks live members: each through the SSH connection of its own host, or, where that does not work, of any other host of the run. */

import type {Result} from '../base/result.ts';
import {openEtcd} from '../cluster/client.ts';
import type {EtcdFailure} from '../cluster/failure.ts';
import type {EtcdClient} from '../cluster/member-client.ts';
import type {Dial} from '../cluster/tunnel.ts';
import type {EtcdFact} from '../task/fact.ts';
import type {EtcdArgs} from '../task/probe.ts';

/** Ways to a member. */
export interface EtcdDialers {
  /** From the host that the member runs on. */
  readonly own: Dial | undefined;
  /** From any other connected host. */
  readonly any: Dial | undefined;
}

/** What a member says of itself, or why it says nothing. Never rejects, and takes no longer than the endpoint's time-out for each way. */
export async function etcdFact(endpoint: EtcdArgs, dialers: EtcdDialers): Promise<EtcdFact> {
  const client = await openMember(endpoint, dialers);
  if (!client.ok) return {reachable: false, reason: client.error.reason, message: client.error.message};
  try {
    return await client.value.status();
  } finally {
    await client.value.close();
  }
}

/** Connects to a member by the best way there is. */
export async function openMember(
  endpoint: EtcdArgs,
  {own, any}: EtcdDialers,
): Promise<Result<EtcdClient, EtcdFailure>> {
  const ways = [own, any].filter(dial => dial !== undefined);
  let failed: Result<EtcdClient, EtcdFailure> | undefined;
  for (const dial of ways) {
    const client = await openEtcd(endpoint, dial);
    // "Refused" is an answer; only where the way itself is barred may another one lead there.
    if (client.ok || !['tunnel', 'no-route', 'timeout'].includes(client.error.reason)) return client;
    failed ??= client;
  }
  return (
    failed ?? {
      ok: false,
      error: {reason: 'no-route', message: `no host of this run that could reach ${endpoint.clientUrl} is connected`},
    }
  );
}

/** Critical steps in the agent's words: requests inside a request, and the word that their end was heard. */
import {randomBytes} from 'node:crypto';
import {printableLine} from '../base/printable.ts';
import type {Reply, Request} from '../transport/connection.ts';
import {DEFAULT_TIMEOUT_SECONDS, encodeRequest} from '../transport/framing.ts';

/** The request that has the host do all parts, in order, up to the first that fails. */
export function criticalRequest(title: string, parts: readonly Request[], runId: string | undefined): Request {
  const seconds = parts.map(part => part.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS);
  return {
    verb: 'critical',
    args: [`${runId ?? 'run'}-${randomBytes(4).toString('hex')}`, printableLine(title).slice(0, 200)],
    stdin: Buffer.concat(parts.map((part, index) => encodeRequest(index + 1, 1, part))),
    timeoutSeconds: seconds.reduce((sum, one) => sum + one, 10),
  };
}

/** Tells the host that the ends of its critical steps were heard; undefined where there was none. */
export function settleRequest(requests: readonly Request[], replies: readonly Reply[]): Request | undefined {
  const heard = requests.filter(({verb}, index) => verb === 'critical' && replies[index]?.skipped === false);
  return heard.length === 0 ? undefined : {verb: 'settle', args: heard.map(({args}) => args[0] ?? '')};
}

/** What a unit wrote last, to be shown below a message that says it does not come up: the reason is nearly always there. */
import {printable} from '../base/printable.ts';
import {journalRequest} from './host-op.ts';
import type {HostSession} from './session.ts';

const LINES = 15;
/** etcd writes its whole configuration into one line. */
const LINE_LENGTH = 400;
/** Members of one cluster that fail together mostly fail for one reason. */
const HOSTS = 3;

/** Reads the journal of a unit on a host, asked as that host's administrator. */
export type ReadJournal = (host: string, unit: string) => Promise<string>;

/** The last lines of a unit's journal, safe to print; '' where the host cannot say. Never rejects. */
export async function readJournal(
  session: HostSession | undefined,
  unit: string,
  as: string | undefined,
): Promise<string> {
  const replies = await session
    ?.run([journalRequest(unit, LINES)], as === undefined ? {} : {as})
    .catch(() => undefined);
  const reply = replies?.[0];
  return reply === undefined || reply.rc !== 0 ? '' : reply.stdout.toString();
}

/** The journals of a unit on some hosts, as a paragraph to put below a message; '' where there is nothing to show. */
export async function journalText(hosts: readonly string[], unit: string, read: ReadJournal): Promise<string> {
  const parts = await Promise.all(
    hosts.slice(0, HOSTS).map(async host => {
      const lines = (await read(host, unit)).trim().split('\n').filter(Boolean);
      return lines.length === 0 ? '' : [`  journal of ${unit} on ${host}:`, ...lines.map(shorten)].join('\n');
    }),
  );
  const text = parts.filter(Boolean).join('\n');
  return text === '' ? '' : `\n${text}`;
}

function shorten(line: string): string {
  const clean = printable(line);
  return `    ${clean.length > LINE_LENGTH ? `${clean.slice(0, LINE_LENGTH)}…` : clean}`;
}

/** What `-vv` and `-vvv` tell of the talk with a host: how much, how long, and which requests; never what they carry. */
import type {Event} from '../base/event.ts';
import type {Reply, Request} from '../transport/connection.ts';

/** One line for a batch (`-vv`), one for each request of it (`-vvv`). */
export function traceOf(
  host: string,
  requests: readonly Request[],
  replies: readonly Reply[],
  durationMs: number,
): Event[] {
  const count = `${requests.length} request${requests.length === 1 ? '' : 's'}`;
  return [
    {type: 'trace', level: 2, host, text: `${count} answered in ${durationMs.toFixed(0)} ms`},
    ...requests.map((request, index): Event => {
      const reply = replies[index];
      const end =
        reply === undefined || reply.skipped ? 'skipped' : `exit code ${reply.rc}, ${reply.stdout.length} bytes`;
      return {type: 'trace', level: 3, host, text: `${shown(request)}: ${end}`};
    }),
  ];
}

/** The verb, and a path where it has one. Arguments of commands are not shown: they may hold what `no_log` hides. */
function shown({verb, args}: Request): string {
  if (verb === 'stats') return `stats of ${(args.length - 1) / 2} paths`;
  const [first = ''] = args;
  return first.startsWith('/') && !verb.startsWith('exec') ? `${verb} ${first}` : verb;
}

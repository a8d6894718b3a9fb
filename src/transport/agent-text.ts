/** What is sent to a host to make it listen: the start line for any login shell, the bootstrap, and the agent itself. */
import {readFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';

/** The agent's parts in order; they travel with the package beside the compiled code. */
export const AGENT_PARTS: readonly string[] = [
  'agent.sh',
  'agent-files.sh',
  'agent-system.sh',
  'agent-state.sh',
  'agent-preflight.sh',
  'agent-loop.sh',
];

/** Parts that only changes need: sent with the first request that is none of `QUESTIONS`, so that a run that only looks starts sooner. */
export const LATER_PARTS: readonly string[] = ['agent-remove.sh', 'agent-trash.sh', 'agent-lock.sh'];

/** Verbs that the agent knows without the later parts. */
const QUESTIONS: ReadonlySet<string> = new Set([
  'ping',
  'stat',
  'stats',
  'list',
  'etcd-data',
  'user',
  'group',
  'system',
  'unit',
  'journal',
  'exec',
  'exec-text',
  'run-state',
  'listener',
  'filesystem',
  'sockets',
  'drop-ins',
  'systemd',
  'machine',
  'names',
]);

/** Whether a request needs the later parts. A verb that nobody has listed gets them. */
export function needsMore(verb: string, fence: string | undefined): boolean {
  return fence !== undefined || !QUESTIONS.has(verb);
}

/** Directories on the host that the agent keeps its own state in. */
export interface AgentPlaces {
  /** The run lock: gone after a reboot. */
  readonly locks: string;
  /** Critical steps: survive a reboot. */
  readonly steps: string;
}

/** Where they are on every host; tests use others. */
export const PLACES: AgentPlaces = {locks: '/run/etcdctl-play', steps: '/var/lib/etcdctl-play/journal'};

/** Exact reads with `dd`: these flags are known to GNU, uutils and busybox; where they are not, one byte is read at a time. */
const EXACT_DD = `exact=iflag=fullblock,count_bytes
[ "$(printf abcdefgh | { dd bs=65536 count=5 "$exact" 2>/dev/null; printf '|'; cat; })" = 'abcde|fgh' ] || exact=
`;

/** Reads and runs a compressed text of so many bytes from standard input. */
function readText(bytes: number): string {
  return `if [ -n "$exact" ]; then eval "$(dd bs=65536 count=${bytes} "$exact" 2>/dev/null | gzip -dc)"; else eval "$(dd bs=1 count=${bytes} 2>/dev/null | gzip -dc)"; fi`;
}

const packedTexts = new Map<string, Buffer>();

/** The agent's text compressed, once for all hosts: a third of it goes over the wire. */
export function packed(source: string): Buffer {
  const known = packedTexts.get(source) ?? gzipSync(source);
  packedTexts.set(source, known);
  return known;
}

/** How the agent is started for one user. */
export interface AgentStart {
  /** Marks this channel's answers; random, never known to the programs that the agent runs. */
  readonly nonce: string;
  /** Wanted user; undefined = the login user. */
  readonly as: string | undefined;
  /** Random word in sudo's prompt, where a password is at hand; undefined = `sudo -n`. */
  readonly prompt: string | undefined;
  /** Default: `PLACES`. */
  readonly places?: AgentPlaces | undefined;
}

/** The texts in the order they are sent. `agent` waits until sudo has let us in, where a password may be asked for. */
export interface AgentTexts {
  /** For the login shell, whichever it is: no backslash, no `!`, nothing but one quoted word. */
  readonly startLine: string;
  /** The same for a direct `spawn`. */
  readonly startScript: string;
  readonly bootstrap: Buffer;
  readonly agent: Buffer;
  /** The later parts. */
  readonly more: Buffer;
}

/** The parts of the agent without comments and indentation (about 13 kB; the later ones 6 kB). */
export function loadAgent(names = AGENT_PARTS): string {
  const parts = names.map(name => readFileSync(new URL(`../../src/transport/${name}`, import.meta.url), 'utf8'));
  const lines = parts
    .join('')
    .split('\n')
    .map(line => line.trimStart());
  return lines.filter(line => line !== '' && !line.startsWith('#')).join('\n');
}

/** Everything that one channel needs to become an agent. */
export function agentTexts(source: string, more: string, {nonce, as, prompt, places = PLACES}: AgentStart): AgentTexts {
  const {locks, steps} = places;
  // One after the other, gzip files are read as one; the first differs for each channel.
  const preamble = gzipSync(`nonce=${nonce}\nlocks=${quoted(locks)}\nsteps=${quoted(steps)}\n`);
  const agent = Buffer.concat([preamble, packed(`${source}\n`)]);
  const bootstrap = Buffer.from(`${bootstrapText(as, prompt, agent.length)}\n`);
  const startScript = `eval "$(dd bs=1 count=${bootstrap.length} 2>/dev/null)"`;
  return {
    startLine: `exec /bin/sh -c '${startScript}' etcdctl-play-agent`,
    startScript,
    bootstrap,
    agent,
    more: Buffer.from(`${more}\n`),
  };
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

/** Marks on standard output that sudo has let us in and the agent's text may come. */
export function goMarker(prompt: string): string {
  return `\n${prompt} go\n`;
}

function bootstrapText(as: string | undefined, prompt: string | undefined, bytes: number): string {
  const prefix = `LC_ALL=C
PATH=\${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
cd /
umask 077
${EXACT_DD}`;
  // With a password at hand the text is sent only after this word: sudo would take its first line for the password.
  const go = prompt === undefined ? '' : `printf '\\n%s go\\n' ${prompt}\n`;
  if (as === undefined) return `${prefix}${go}${readText(bytes)}`;
  // Checked in target.ts and by the compiler; a quote here would be a bug with root's rights.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@$-]*$/.test(as)) throw new Error(`Internal error: "${as}" is no user name`);
  const inner = `exact=$1
${go}${readText(bytes)}`;
  const sudo = prompt === undefined ? 'sudo -n -H' : `sudo -S -k -H -p '[${prompt}]'`;
  return `${prefix}want='${as}'
if [ "$(id -un)" = "$want" ] || { [ "$want" = root ] && [ "$(id -u)" = 0 ]; }; then
${go}${readText(bytes)}
exit
fi
inner='${inner.replaceAll("'", `'\\''`)}'
if [ "$(id -u)" = 0 ]; then
command -v runuser >/dev/null && exec runuser -u "$want" -- /bin/sh -c "$inner" etcdctl-play-agent "$exact"
command -v sudo >/dev/null || exec su -s /bin/sh "$want" -c "$inner" etcdctl-play-agent "$exact"
fi
exec ${sudo} -u "$want" -- /bin/sh -c "$inner" etcdctl-play-agent "$exact"`;
}

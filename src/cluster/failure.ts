/** Why a member could not be asked, or said no: one word for programs, one sentence for people. */

/** `refused` … `tunnel`: the member was not reached; `error`: it was, and refused or failed. */
export type FailureReason = 'refused' | 'timeout' | 'tls' | 'no-route' | 'no-credentials' | 'tunnel' | 'error';

/** A call that failed. */
export interface EtcdFailure {
  readonly reason: FailureReason;
  readonly message: string;
  /** gRPC's status, where etcd itself answered: `FAILED_PRECONDITION`, `UNAVAILABLE` … */
  readonly status?: string;
}

/** gRPC status names by number (grpc/doc/statuscodes.md). */
const STATUS = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/**
 * A TCP connection that could not be opened: by the controller's own socket (`ECONNREFUSED` …) or by a host's sshd, which
 * answers with the words of its C library or, where forwarding is off, "administratively prohibited".
 */
export function dialFailure(error: unknown, address: string, port: number): EtcdFailure {
  const said = errorText(error);
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  if (/refused/i.test(said)) return {reason: 'refused', message: `${where}: connection refused`};
  if (/prohibited/i.test(said))
    return {reason: 'tunnel', message: `${where}: the SSH server does not allow forwarding (${said})`};
  if (/timed?[ _-]?out/i.test(said)) return {reason: 'timeout', message: `${where}: connection timed out`};
  if (/no route|unreachable|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|not known|resolution/i.test(said)) {
    return {reason: 'no-route', message: `${where}: ${said}`};
  }
  return {reason: 'tunnel', message: `${where}: ${said}`};
}

/** A gRPC call that failed (`ServiceError`: `code` and `details`). `dialError`: why the tunnel could not connect again, if it tried. */
export function callFailure(error: unknown, dialError?: EtcdFailure): EtcdFailure {
  const code =
    typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number'
      ? error.code
      : undefined;
  const said = detailsOf(error);
  const status = code === undefined ? undefined : STATUS[code];
  const answered = /^(?:etcdserver|auth|mvcc|etcdclient|raft)\b/.test(said);
  if (status === 'UNAUTHENTICATED' || status === 'PERMISSION_DENIED' || NO_RIGHTS.test(said)) {
    return {reason: 'no-credentials', message: said, ...(status === undefined ? {} : {status})};
  }
  if (status === 'DEADLINE_EXCEEDED' && !answered) return {reason: 'timeout', message: 'no answer in time'};
  if (status === 'UNAVAILABLE' && !answered) {
    if (dialError !== undefined) return dialError;
    if (TLS_WORDS.test(said)) return {reason: 'tls', message: tlsText(said)};
    return {reason: 'error', message: `the connection broke: ${lastError(said)}`};
  }
  return {reason: 'error', message: said, ...(status === undefined ? {} : {status})};
}

/** How etcd says that it does not know us, mostly with another status than the ones meant for it (client/v3rpc/error.go). */
const NO_RIGHTS =
  /^(?:etcdserver|auth): (?:user name is empty|permission denied|invalid auth token|invalid auth management|authentication failed)/;

/** Words of OpenSSL, of Node's TLS layer and of its certificate checks. */
const TLS_WORDS =
  /certificate|self[- ]signed|\bSSL\b|\bTLS\b|ERR_TLS|EPROTO|alert|wrong version number|altnames|DEPTH_ZERO|UNABLE_TO_|secure TLS connection/i;

function tlsText(said: string): string {
  const text = lastError(said);
  // OpenSSL's own form: "40A7…:error:0A000086:SSL routines:tls_post_process:certificate verify failed:../deps/…".
  const reason = /:SSL routines:[^:]*:([^:]+):/.exec(text)?.[1];
  return `the TLS handshake failed: ${reason ?? text.replace(/^(?:\w*Error)(?: \[\w+\])?: /, '')}`;
}

/** grpc-js wraps the reason: "No connection established. Last error: … (2026-…). Resolution note: ". */
function lastError(said: string): string {
  const match = /Last error: (.*)$/s.exec(said);
  const text = (match?.[1] ?? said)
    .replace(/\.?\s*Resolution note:.*$/s, '')
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/, '')
    .trim();
  return text === '' || text === 'null' ? said.trim() : text;
}

function detailsOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'details' in error && typeof error.details === 'string')
    return error.details;
  return errorText(error);
}

/** An error's text, with its code where the text lacks it. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A failed connect to a name with several addresses has an empty message and its reasons inside.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(errorText).join('; ');
  const code =
    'code' in error && typeof error.code === 'string' && !error.message.includes(error.code) ? ` (${error.code})` : '';
  return `${error.message}${code}`;
}

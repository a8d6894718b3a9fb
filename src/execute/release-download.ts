/** Downloads over http and https: redirects, timeouts, limits and checksums; no proxies, no resuming. */
import {createHash} from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import {Writable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {ok, type Result} from '../base/result.ts';
import {codeOf} from './controller-file.ts';
import {placeText, type Refused, refuse} from './release-source.ts';

/** Limits of a download and who hears of it. */
export interface DownloadOptions {
  readonly maxBytes: number;
  /** Longest silence of the server; default 30 s. */
  readonly idleMs?: number;
  /** Longest time of the whole download; default 30 min. */
  readonly totalMs?: number;
  readonly signal?: AbortSignal;
  /** At most once a second. */
  readonly onProgress?: (text: string) => void;
}

/** What was downloaded; `found: false` = the server says that there is no such file (404, 410). */
export type Downloaded =
  | {readonly found: true; readonly sha256: string; readonly sizeBytes: number}
  | {readonly found: false; readonly status: number};

const MAX_REDIRECTS = 5;

/** Downloads a URL into a stream, which is closed in any case. Fails with E_DOWNLOAD. */
export async function download(
  url: URL,
  into: Writable,
  options: DownloadOptions,
): Promise<Result<Downloaded, Refused>> {
  const signals = [
    AbortSignal.timeout(options.totalMs ?? 1_800_000),
    ...(options.signal === undefined ? [] : [options.signal]),
  ];
  try {
    const response = await follow(url, AbortSignal.any(signals), options.idleMs ?? 30_000);
    if (response.statusCode === 404 || response.statusCode === 410) {
      response.destroy();
      into.destroy();
      return ok({found: false, status: response.statusCode});
    }
    return ok(await receive(response, into, url, options));
  } catch (error) {
    into.destroy();
    return refuse('E_DOWNLOAD', `cannot download ${placeText({kind: 'url', url})}: ${wordsOf(error)}`, downloadHint());
  }
}

/** Downloads a small text. Fails with E_DOWNLOAD; undefined = there is no such file. */
export async function downloadText(url: URL, options: DownloadOptions): Promise<Result<string | undefined, Refused>> {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const result = await download(url, sink, options);
  if (!result.ok) return result;
  return ok(result.value.found ? Buffer.concat(chunks).toString('utf8') : undefined);
}

async function follow(start: URL, signal: AbortSignal, idleMs: number): Promise<http.IncomingMessage> {
  let url = start;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await get(url, signal, idleMs);
    const status = response.statusCode ?? 0;
    const {location} = response.headers;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
      if (status === 200 || status === 404 || status === 410) return response;
      response.destroy();
      throw new Error(`the server answers with status ${status}`);
    }
    response.destroy();
    if (!URL.canParse(location, url.href)) throw new Error('the server redirects to something that is not a URL');
    const next = new URL(location, url);
    if (next.protocol !== 'https:' && !(next.protocol === 'http:' && url.protocol === 'http:')) {
      throw new Error(
        `the server redirects from ${url.protocol}// to ${next.protocol}//${next.host}, which is refused`,
      );
    }
    url = next;
  }
  throw new Error(`more than ${MAX_REDIRECTS} redirects`);
}

function get(url: URL, signal: AbortSignal, idleMs: number): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const client = url.protocol === 'https:' ? https : http;
    const headers = {'user-agent': 'etcdctl-play', 'accept-encoding': 'identity'};
    // No shared agent: an idle connection would keep the program running.
    const request = client.get(url, {headers, signal, timeout: idleMs, agent: false}, response => {
      // From here on an error has to reach whoever reads the body.
      request.on('timeout', () => response.destroy(tooSlow(idleMs)));
      resolve(response);
    });
    request.on('timeout', () => request.destroy(tooSlow(idleMs)));
    request.on('error', reject);
  });
}

function tooSlow(idleMs: number): Error {
  return new Error(`no answer for ${idleMs / 1000} s`);
}

async function receive(
  response: http.IncomingMessage,
  into: Writable,
  url: URL,
  options: DownloadOptions,
): Promise<Downloaded> {
  const hash = createHash('sha256');
  const length = response.headers['content-length'];
  const expected = length === undefined ? undefined : Number(length);
  if (expected !== undefined && expected > options.maxBytes) throw new Error(`it is too big (${expected} bytes)`);
  let sizeBytes = 0;
  let toldAt = 0;
  await pipeline(
    response,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        sizeBytes += chunk.length;
        if (sizeBytes > options.maxBytes) throw new Error(`it is bigger than ${options.maxBytes} bytes`);
        hash.update(chunk);
        if (Date.now() - toldAt >= 1000) {
          toldAt = Date.now();
          options.onProgress?.(progressText(url, sizeBytes, expected));
        }
        yield chunk;
      }
    },
    into,
  );
  if (expected !== undefined && sizeBytes !== expected)
    throw new Error(`it ended after ${sizeBytes} of ${expected} bytes`);
  return {found: true, sha256: hash.digest('hex'), sizeBytes};
}

function progressText(url: URL, received: number, expected: number | undefined): string {
  const of = expected === undefined ? '' : ` of ${megabytes(expected)}`;
  return `downloading ${url.pathname.slice(url.pathname.lastIndexOf('/') + 1)}: ${megabytes(received)}${of} MB`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function wordsOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it took too long';
  if (error instanceof Error && error.name === 'AbortError') {
    return error.cause instanceof Error && error.cause.name === 'TimeoutError' ? 'it took too long' : 'interrupted';
  }
  const code = codeOf(error);
  if (error instanceof Error && code !== error.message) return `${error.message || 'connection failed'} (${code})`;
  return code;
}

function downloadHint(): string {
  const proxy = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].find(
    name => process.env[name],
  );
  const remedy =
    'set etcd_release_url to a mirror that this machine can reach, or etcd_archive to the path of an archive with SHA256SUMS beside it.';
  return proxy === undefined ? remedy : `${proxy} is set, but proxies are not used for downloads: ${remedy}`;
}

/** The words of the agent's protocol (see agent.sh): requests as bytes, answers found in a stream of bytes. */
import type {Request} from './connection.ts';

/** How a request's standard input travels: so many bytes, or chunks of unknown number. */
export type PayloadSize = number | 'chunked';

/** Seconds after which the host kills a request that names no time of its own. */
export const DEFAULT_TIMEOUT_SECONDS = 300;

/**
 * The header and arguments of a request; `fence` = the run that the host's lock must name. Throws on a NUL in an argument and
 * on a malformed verb or run id: bugs of the caller.
 */
export function encodeHeader(
  id: number,
  batch: number,
  request: Omit<Request, 'stdin'>,
  size: PayloadSize,
  fence = '-',
): Buffer {
  if (!/^[a-z-]+$/.test(request.verb)) throw new Error(`Internal error: "${request.verb}" is no verb`);
  if (!/^[A-Za-z0-9-]+$/.test(fence)) throw new Error(`Internal error: "${fence}" is no run id`);
  const timeout = Math.max(1, Math.ceil(request.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS));
  const lines = [
    `${id} ${batch} ${request.verb} ${request.args.length} ${size} ${timeout} ${fence}`,
    ...request.args.map(escapeArgument),
  ];
  return Buffer.from(`${lines.join('\n')}\n`);
}

function escapeArgument(text: string): string {
  if (text.includes('\0')) throw new Error('Internal error: an argument for the agent holds a NUL character');
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** One whole request. */
export function encodeRequest(id: number, batch: number, request: Request, fence?: string): Buffer {
  const stdin = request.stdin ?? new Uint8Array();
  return Buffer.concat([encodeHeader(id, batch, request, stdin.byteLength, fence), stdin]);
}

/** A piece of a payload of unknown length; an empty piece ends it. */
export function encodeChunk(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.byteLength}\n`), bytes]);
}

/** What stood before a marker, and the marker's words: an id (0 = the agent has started) and an exit code, `skipped`, `superseded` or `ready`. */
export interface Marked {
  readonly body: Buffer;
  /** Bytes that were dropped from the front of the body, because it was longer than the limit. */
  readonly dropped: number;
  readonly id: number;
  readonly status: string;
}

/** Cuts a stream of bytes at the agent's markers. */
export class MarkerReader {
  readonly #needle: Buffer;
  readonly #limit: number;
  #body: Buffer[] = [];
  #length = 0;
  #dropped = 0;
  #rest: Buffer = Buffer.alloc(0);

  /** `limit`: bytes of one body that are kept, counted from its end. */
  constructor(nonce: string, limit: number) {
    this.#needle = Buffer.from(`\n${nonce} `);
    this.#limit = limit;
  }

  /** What has arrived since the last marker. */
  get tail(): Buffer {
    return Buffer.concat([...this.#body, this.#rest]);
  }

  /** Takes what arrived; returns the answers that are now complete. */
  push(chunk: Buffer): Marked[] {
    const found: Marked[] = [];
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const start = bytes.indexOf(this.#needle);
      const end = start === -1 ? -1 : bytes.indexOf(0x0a, start + this.#needle.length);
      if (end === -1) {
        // The last bytes may be the beginning of a marker.
        const safe = start === -1 ? Math.max(0, bytes.length - this.#needle.length + 1) : start;
        this.#keep(bytes.subarray(0, safe));
        this.#rest = Buffer.from(bytes.subarray(safe));
        return found;
      }
      this.#keep(bytes.subarray(0, start));
      const [id, status] = bytes.toString('latin1', start + this.#needle.length, end).split(' ');
      found.push({body: Buffer.concat(this.#body), dropped: this.#dropped, id: Number(id), status: status ?? ''});
      this.#body = [];
      this.#length = 0;
      this.#dropped = 0;
      bytes = bytes.subarray(end + 1);
    }
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#body.push(Buffer.from(bytes));
    this.#length += bytes.length;
    // Twice the limit is let grow before it is cut, so that a flood is not copied at every chunk.
    if (this.#length <= 2 * this.#limit) return;
    const whole = Buffer.concat(this.#body);
    const kept = Buffer.from(whole.subarray(whole.length - this.#limit));
    this.#dropped += whole.length - kept.length;
    this.#body = [kept];
    this.#length = kept.length;
  }
}

/** One agent on the other end of three streams: starts it, sends requests without waiting, hands out the answers. */
import {once} from 'node:events';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Secret} from '../base/secret.ts';
import {connectionLost, startFailure, startTimeout} from './agent-errors.ts';
import type {AgentStreams} from './agent-streams.ts';
import {type AgentTexts, needsMore} from './agent-text.ts';
import {ConnectionError, type Reply, type Request, type RunOptions} from './connection.ts';
import {
  DEFAULT_TIMEOUT_SECONDS,
  encodeChunk,
  encodeHeader,
  encodeRequest,
  type Marked,
  MarkerReader,
} from './framing.ts';
import {ReplyQueue} from './reply-queue.ts';
import {StartGate} from './start-gate.ts';

/** How one channel is used. */
export interface AgentChannelOptions {
  readonly host: string;
  readonly as: string | undefined;
  readonly nonce: string;
  /** Both or neither: the word that marks sudo's prompt, and what to answer. */
  readonly prompt: string | undefined;
  readonly password: Secret | undefined;
  readonly texts: AgentTexts;
  readonly startSeconds: number;
}

const STDOUT_LIMIT = 8 * 1024 * 1024;
const STDERR_LIMIT = 256 * 1024;
/** The host ends an operation by itself; only if it fails to do so for this long is it given up. */
const GRACE_SECONDS = 30;
const CHUNK_BYTES = 256 * 1024;

/** An agent that is starting, working, or ended; requests may be sent from the first moment. */
export class AgentChannel {
  readonly #streams: AgentStreams;
  readonly #options: AgentChannelOptions;
  readonly #stdout: MarkerReader;
  readonly #stderr: MarkerReader;
  readonly #queue = new ReplyQueue();
  readonly #gate: StartGate;
  #started = false;
  #ended: Diagnostic | undefined;
  #lastId = 0;
  #lastBatch = 0;
  #timer: NodeJS.Timeout | undefined;
  #uploading = false;
  #hasMore = false;

  constructor(streams: AgentStreams, options: AgentChannelOptions) {
    this.#streams = streams;
    this.#options = options;
    this.#stdout = new MarkerReader(options.nonce, STDOUT_LIMIT);
    this.#stderr = new MarkerReader(options.nonce, STDERR_LIMIT);
    // A broken pipe is told by `closed`; these events would otherwise end this program.
    for (const stream of [streams.stdin, streams.stdout, streams.stderr]) stream.on('error', () => {});
    streams.stdout.on('data', (chunk: Buffer) => this.#onStdout(chunk));
    streams.stderr.on('data', (chunk: Buffer) => this.#onStderr(chunk));
    void streams.closed.then(({code, lost}) => this.#onClosed(code, lost));
    streams.stdin.write(options.texts.bootstrap);
    this.#gate = new StartGate(options.prompt, options.password, bytes => streams.stdin.write(bytes));
    this.#gate.send(options.texts.agent);
    this.#arm();
  }

  /** No answer is awaited. */
  get idle(): boolean {
    return this.#queue.oldest === undefined && !this.#uploading;
  }

  /** The agent has answered at least once. */
  get started(): boolean {
    return this.#started;
  }

  /** Why this channel can no longer be used. */
  get ended(): Diagnostic | undefined {
    return this.#ended;
  }

  /** Sends all requests at once. Rejects with `ConnectionError`. */
  run(requests: readonly Request[], {stopOnFailure, fence}: RunOptions = {}): Promise<Reply[]> {
    const batch = stopOnFailure === true ? ++this.#lastBatch : 0;
    const frames = requests.some(({verb}) => needsMore(verb, fence)) ? this.#more() : [];
    const replies = requests.map(request => {
      const id = ++this.#lastId;
      frames.push(encodeRequest(id, batch, request, fence));
      return this.#expect(id, request.timeoutSeconds);
    });
    this.#send(Buffer.concat(frames));
    return Promise.all(replies);
  }

  /** Streams a body of so many bytes to a verb. Any failure of the body closes the channel, so that the host never takes half of it for all. */
  async upload(request: Omit<Request, 'stdin'>, body: AsyncIterable<Buffer>, fence?: string): Promise<Reply> {
    const more = this.#more();
    const id = ++this.#lastId;
    this.#uploading = true;
    const reply = this.#expect(id, request.timeoutSeconds);
    // Awaited below; until then a lost connection must not count as unhandled.
    reply.catch(() => {});
    try {
      this.#send(Buffer.concat([...more, encodeHeader(id, 0, request, 'chunked', fence)]));
      for await (const chunk of body) {
        for (let start = 0; start < chunk.length; start += CHUNK_BYTES) {
          await this.#sendGently(encodeChunk(chunk.subarray(start, start + CHUNK_BYTES)));
        }
      }
      this.#send(encodeChunk(new Uint8Array()));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#giveUp(connectionLost(this.#options.host, `upload broken off: ${why}`));
      throw error;
    } finally {
      this.#uploading = false;
      this.#arm();
    }
    return reply;
  }

  /** Lets the agent finish what it does, then ends it. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#ended ??= connectionLost(this.#options.host, 'closed by this program');
    this.#streams.stdin.end();
    // Nobody waits for an answer: the agent ends by itself when it reads the end of its input, also if we are gone by then.
    if (this.idle && this.#started) return;
    let patience: NodeJS.Timeout | undefined;
    const enough = new Promise<void>(resolve => {
      patience = setTimeout(resolve, 2000);
    });
    await Promise.race([this.#streams.closed, enough]);
    clearTimeout(patience);
    this.#streams.destroy();
  }

  /** The request that brings the agent its later parts, unless it has them. */
  #more(): Buffer[] {
    if (this.#hasMore) return [];
    this.#hasMore = true;
    const id = ++this.#lastId;
    // Where the connection is lost, those who wait for an answer of their own are told.
    this.#expect(id).catch(() => {});
    return [encodeRequest(id, 0, {verb: 'more', args: [], stdin: this.#options.texts.more})];
  }

  #expect(id: number, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS): Promise<Reply> {
    if (this.#ended !== undefined) return Promise.reject(new ConnectionError(this.#ended));
    const reply = this.#queue.expect(id, timeoutSeconds);
    if (this.#queue.oldest?.id === id) this.#arm();
    return reply;
  }

  #send(bytes: Buffer): void {
    if (this.#ended === undefined) this.#gate.send(bytes);
  }

  /** Sends, and waits while the other end is slower than this one. */
  async #sendGently(bytes: Buffer): Promise<void> {
    if (this.#ended !== undefined) throw new ConnectionError(this.#ended);
    this.#send(bytes);
    this.#arm();
    if (!this.#streams.stdin.writableNeedDrain) return;
    const stop = new AbortController();
    try {
      await Promise.race([once(this.#streams.stdin, 'drain', {signal: stop.signal}), this.#streams.closed]);
    } finally {
      stop.abort();
    }
  }

  #onStdout(chunk: Buffer): void {
    if (!this.#gate.isOpen) this.#gate.hear(chunk);
    else for (const marked of this.#stdout.push(chunk)) this.#onMarker('stdout', marked);
  }

  #onStderr(chunk: Buffer): void {
    for (const marked of this.#stderr.push(chunk)) this.#onMarker('stderr', marked);
    if (!this.#gate.answer(this.#stderr.tail)) this.#giveUp(this.#startFailure(undefined));
  }

  #onMarker(stream: 'stdout' | 'stderr', marked: Marked): void {
    if (marked.id === 0 && marked.status === 'ready') {
      if (stream === 'stdout') {
        this.#started = true;
        this.#arm();
      }
      return;
    }
    const taken = this.#queue.take(stream, marked);
    if (taken === 'answered') this.#arm();
    if (taken === 'foreign') {
      this.#giveUp(connectionLost(this.#options.host, 'the agent on the host sent an answer that nobody asked for'));
    }
  }

  #onClosed(code: number | undefined, lost: string | undefined): void {
    const {host} = this.#options;
    if (lost !== undefined) this.#end(connectionLost(host, lost));
    else if (this.#started) this.#end(connectionLost(host, 'the agent on the host has ended'));
    else this.#end(this.#startFailure(code));
  }

  #startFailure(exitCode: number | undefined): Diagnostic {
    const {host, as, password, prompt} = this.#options;
    const said = `${this.#gate.heard}\n${this.#stdout.tail.toString()}\n${this.#stderr.tail.toString()}`;
    const cleaned = said.replaceAll(`[${prompt}]`, '');
    return startFailure({
      host,
      as,
      exitCode,
      said: cleaned,
      passwordGiven: password !== undefined,
      prompts: this.#gate.prompts,
    });
  }

  #end(diagnostic: Diagnostic): void {
    clearTimeout(this.#timer);
    this.#ended ??= diagnostic;
    this.#queue.rejectAll(new ConnectionError(this.#ended));
  }

  /** (Re)starts the clock for what is awaited now: the start, or the oldest answer. */
  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#ended !== undefined) return;
    const {host, startSeconds} = this.#options;
    if (!this.#started) {
      this.#timer = setTimeout(
        () => this.#giveUp(startTimeout(host, startSeconds, this.#stderr.tail.toString())),
        startSeconds * 1000,
      );
      return;
    }
    const oldest = this.#queue.oldest;
    if (oldest === undefined) return;
    const seconds = oldest.seconds + GRACE_SECONDS;
    this.#timer = setTimeout(() => this.#giveUp(connectionLost(host, `no answer for ${seconds} s`)), seconds * 1000);
  }

  #giveUp(diagnostic: Diagnostic): void {
    this.#end(diagnostic);
    this.#streams.destroy();
  }
}

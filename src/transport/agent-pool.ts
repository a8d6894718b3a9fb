/** The agents of one host: one per user, one more per user for uploads, at most four at a time (sshd counts sessions). */
import {randomBytes} from 'node:crypto';
import type {Readable} from 'node:stream';
import type {Secret} from '../base/secret.ts';
import {AgentChannel} from './agent-channel.ts';
import type {AgentStreams} from './agent-streams.ts';
import {type AgentPlaces, type AgentTexts, agentTexts, LATER_PARTS, loadAgent} from './agent-text.ts';
import {ConnectionError, type Reply, type Request, type RunOptions} from './connection.ts';

/** What the agents of one host share. */
export interface AgentPoolOptions {
  readonly host: string;
  /** Starts the shell that the texts are for. Rejects with `ConnectionError`. */
  readonly open: (texts: AgentTexts) => Promise<AgentStreams>;
  readonly becomePassword: Secret | undefined;
  readonly startSeconds: number;
  /** Default: those of every host. */
  readonly places?: AgentPlaces | undefined;
}

const MAX_CHANNELS = 4;

/** Opens agents as they are needed, and only then. */
export class AgentPool {
  readonly #options: AgentPoolOptions;
  readonly #channels = new Map<string, Promise<AgentChannel>>();
  readonly #source = loadAgent();
  readonly #more = loadAgent(LATER_PARTS);

  constructor(options: AgentPoolOptions) {
    this.#options = options;
  }

  async run(requests: readonly Request[], options: RunOptions = {}): Promise<Reply[]> {
    if (requests.length === 0) return [];
    const channel = await this.#channel(options.as, 'run');
    return channel.run(requests, options);
  }

  /** Sends the bytes of `body` as they are (the verb `upload` wants them gzip-compressed); refuses a body that is not `sizeBytes` long. */
  async upload(
    request: Omit<Request, 'stdin'>,
    body: Readable,
    sizeBytes: number,
    options: RunOptions = {},
  ): Promise<Reply> {
    try {
      const channel = await this.#channel(options.as, 'upload');
      return await channel.upload(request, counting(body, sizeBytes), options.fence);
    } finally {
      body.destroy();
    }
  }

  async close(): Promise<void> {
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    await Promise.all(channels.map(channel => channel.then(open => open.close()).catch(() => {})));
  }

  async #channel(as: string | undefined, use: 'run' | 'upload'): Promise<AgentChannel> {
    const key = `${as ?? ''} ${use}`;
    const known = this.#channels.get(key);
    if (known !== undefined) {
      const channel = await known;
      if (channel.ended === undefined) return channel;
      // A host that did not let us in is not asked again: a wrong password must not be sent twice.
      if (!channel.started) throw new ConnectionError(channel.ended);
      // The agent ended by itself (or was killed) while the connection lives: a new one takes over.
      if (this.#channels.get(key) === known) this.#channels.delete(key);
      return this.#channel(as, use);
    }
    const opening = this.#makeRoom().then(() => this.#open(as));
    this.#channels.set(key, opening);
    opening.catch(() => this.#channels.delete(key));
    return opening;
  }

  /** Closes an idle agent where four are open; where all are busy the new one is tried anyway: sshd decides. */
  async #makeRoom(): Promise<void> {
    if (this.#channels.size < MAX_CHANNELS) return;
    for (const [key, opening] of [...this.#channels]) {
      const channel = await opening.catch(() => undefined);
      if (channel !== undefined && !channel.idle) continue;
      if (this.#channels.get(key) === opening) this.#channels.delete(key);
      await channel?.close();
      return;
    }
  }

  async #open(as: string | undefined): Promise<AgentChannel> {
    const {host, open, becomePassword, startSeconds, places} = this.#options;
    const nonce = randomBytes(16).toString('hex');
    const prompt = as === undefined || becomePassword === undefined ? undefined : randomBytes(8).toString('hex');
    const texts = agentTexts(this.#source, this.#more, {nonce, as, prompt, places});
    const streams = await open(texts);
    return new AgentChannel(streams, {
      host,
      as,
      nonce,
      prompt,
      password: becomePassword,
      texts,
      startSeconds,
    });
  }
}

async function* counting(body: Readable, sizeBytes: number): AsyncGenerator<Buffer> {
  let count = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    count += chunk.length;
    yield chunk;
  }
  if (count !== sizeBytes)
    throw new Error(`read ${count} bytes of a file that was ${sizeBytes} bytes long: it changed meanwhile`);
}

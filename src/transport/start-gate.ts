/** Holds back what is meant for the agent until sudo has let us in: sudo would take it for the password. */
import type {Secret} from '../base/secret.ts';
import {goMarker} from './agent-text.ts';

/** Where sudo needs no password from us (no `prompt`), the gate is open from the start. */
export class StartGate {
  readonly #prompt: string | undefined;
  readonly #password: Secret | undefined;
  readonly #write: (bytes: Buffer) => void;
  #held: Buffer[] | undefined;
  #heard = '';
  #prompts = 0;

  constructor(prompt: string | undefined, password: Secret | undefined, write: (bytes: Buffer) => void) {
    this.#prompt = prompt;
    this.#password = password;
    this.#write = write;
    if (prompt !== undefined) this.#held = [];
  }

  get isOpen(): boolean {
    return this.#held === undefined;
  }

  /** How often sudo has asked. */
  get prompts(): number {
    return this.#prompts;
  }

  /** What was printed before the gate opened. */
  get heard(): string {
    return this.#heard;
  }

  send(bytes: Buffer): void {
    if (this.#held === undefined) this.#write(bytes);
    else this.#held.push(bytes);
  }

  /** Listens on standard output for the word that opens the gate. */
  hear(chunk: Buffer): void {
    this.#heard = (this.#heard + chunk.toString('latin1')).slice(-4096);
    if (this.#held === undefined || !this.#heard.includes(goMarker(this.#prompt ?? ''))) return;
    const held = Buffer.concat(this.#held);
    this.#held = undefined;
    this.#write(held);
  }

  /** Answers sudo's question, given all of standard error; false = asked again, so the answer was wrong. It is sent only once: another attempt could lock the account. */
  answer(stderr: Buffer): boolean {
    if (this.isOpen) return true;
    const prompts = stderr.toString('latin1').split(`[${this.#prompt}]`).length - 1;
    if (prompts > this.#prompts && this.#prompts === 0) this.#write(Buffer.from(`${this.#password?.reveal() ?? ''}\n`));
    this.#prompts = Math.max(prompts, this.#prompts);
    return this.#prompts <= 1;
  }
}

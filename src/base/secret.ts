/** A value that never shows itself: not in a log, not in JSON, not in an error, not in `console.log`. */

const MASK = '[REDACTED]';

/** Holds a secret until the last moment; every way to print it gives `[REDACTED]`. */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself: call it only where the byte leaves for its destination. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}

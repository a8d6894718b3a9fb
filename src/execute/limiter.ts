/** How many things may happen at once. */

/** At most `limit` of the given works run at once; the others wait in the order they came. */
export class Limiter {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = Math.max(1, limit);
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>(resolve => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed over, so the count stays as it is.
      if (next) next();
      else this.#running--;
    }
  }
}

/** One limiter of one place per name: works with the same name run one after another. */
export class Mutexes {
  readonly #byName = new Map<string, Limiter>();

  run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const mutex = this.#byName.get(name) ?? new Limiter(1);
    this.#byName.set(name, mutex);
    return mutex.run(work);
  }
}

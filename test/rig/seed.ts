/** Chance that can be repeated: everything that a test leaves to chance follows from one number, which it prints. */

/** A source of numbers in [0, 1) (mulberry32, T. Ettinger's public-domain generator). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The same things in another order. */
export function shuffled<T>(things: readonly T[], random: () => number): readonly T[] {
  return things
    .map(thing => ({thing, place: random()}))
    .sort((a, b) => a.place - b.place)
    .map(({thing}) => thing);
}

/** The seed of this process: `RIG_SEED`, else a new one. */
export function seedOfRun(): number {
  const given = process.env['RIG_SEED'];
  return given === undefined || given === '' ? Math.floor(Math.random() * 1_000_000) : Number(given);
}

/** Sums up measured values. */

/** The value below which this share (0..1) of the values lies: the nearest of the values, none invented; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Ends a `switch` over a union: a new member of the union then fails to compile until it is handled. */
export function unreachable(value: never): never {
  throw new Error(`Internal error: unexpected ${JSON.stringify(value)}`);
}

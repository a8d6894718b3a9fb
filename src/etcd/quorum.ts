/** The arithmetic of majorities. Only voters count: a learner never does. */

/** How many voters must agree. */
export function quorum(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** How many voters may be down while the cluster still works. */
export function tolerated(voters: number): number {
  return Math.max(0, voters - quorum(voters));
}

/** Voters of a cluster now. */
export interface Voters {
  readonly voters: number;
  /** Of these, how many answer, follow the leader and take part. */
  readonly healthy: number;
}

/** Whether a majority is healthy. */
export function hasQuorum({voters, healthy}: Voters): boolean {
  return voters > 0 && healthy >= quorum(voters);
}

/** Whether one voter may be stopped for a moment: the others keep a majority. `isHealthy` = the one to be stopped is a healthy one. */
export function canStop({voters, healthy}: Voters, isHealthy: boolean): boolean {
  return voters > 0 && healthy - (isHealthy ? 1 : 0) >= quorum(voters);
}

/** Whether one voter may be removed for good: what remains has a healthy majority of its own. */
export function canRemove({voters, healthy}: Voters, isHealthy: boolean): boolean {
  return voters > 1 && healthy - (isHealthy ? 1 : 0) >= quorum(voters - 1);
}

/** Whether one voter may be added: the newcomer counts as down until it has started. */
export function canAdd({voters, healthy}: Voters): boolean {
  return voters > 0 && healthy >= quorum(voters + 1);
}

/** Whether a learner may be given its vote: the voters can agree on it, and with it (it has caught up) they still have a majority. */
export function canPromote(voters: Voters): boolean {
  return hasQuorum(voters) && voters.healthy + 1 >= quorum(voters.voters + 1);
}

/**
 * The ledger: clients that write and read while something else happens to the cluster, and a verdict on whether anything
 * that was acknowledged was lost. Start it on a cluster that is there; it needs the cluster to be there at the end, too.
 *
 *   const ledger = await startLedger(lab(), work);
 *   expectCode(await work.play(lab(), [...args, '-e', 'etcd_election_timeout=2000']), 0);
 *   const verdict = await ledger.verdict();
 *   expect(verdict.problems).toEqual([]);
 */
import type {Lab} from '../../src/lab/lab.ts';
import type {Load} from './clients.ts';
import {type RigOptions, startRig} from './rig.ts';
import {judge, type Verdict} from './verdict.ts';

/** How many clients there are and what they do; the defaults are those of a test in a hurry on two cores. */
export interface LedgerOptions extends RigOptions, Partial<Load> {
  readonly leaseSeconds?: number;
}

/** A ledger that is being written. */
export interface Ledger {
  /** The log, one JSON object a line, for whoever wants to see more than the verdict. */
  readonly log: string;
  /** All its keys begin with it. */
  readonly prefix: string;
  /** Ends the workload, reads every member, and judges. */
  verdict(): Promise<Verdict>;
}

let started = 0;

/** Starts the clients; resolves when they are at work. */
export async function startLedger(
  lab: Lab,
  work: {readonly dir: string},
  options: LedgerOptions = {},
): Promise<Ledger> {
  const {writers = 8, registers = 2, readers = 2, paceMs = 20, valueBytes = 64, leaseSeconds = 30} = options;
  const load: Load = {writers, registers, readers, paceMs, valueBytes};
  // two ledgers, one after the other, must not find each other's keys
  const prefix = `ledger/${process.pid}-${++started}/`;
  const rig = await startRig(lab, work.dir, options, {load, leaseSeconds, prefix});
  return {log: rig.log, prefix, verdict: async () => judge(await rig.end())};
}

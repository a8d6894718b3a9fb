/** Labs for end-to-end tests: made once per file, taken down whatever happens. */
import {existsSync} from 'node:fs';
import {afterAll, beforeAll} from 'vitest';
import {createLab, type LabOptions} from '../../../src/lab/create.ts';
import {downLab, labNames} from '../../../src/lab/down.ts';
import {archiveDir, type EtcdSuite, knownArchive} from '../../../src/lab/etcd-archive.ts';
import type {Lab} from '../../../src/lab/lab.ts';

let made = 0;

/** A name that no other test has, from which the process that made it can be told. */
export function testLabName(): string {
  made += 1;
  return `t-${process.pid}-${made}`;
}

/** A lab for all tests of a file (or describe block): call at its top, use the returned function inside tests. */
export function withLab(options: Omit<LabOptions, 'name'>): () => Lab {
  const name = testLabName();
  let lab: Lab | undefined;
  beforeAll(async () => {
    await removeDeadLabs();
    lab = await createLab({...options, name});
  });
  afterAll(() => downLab(name));
  return () => {
    if (lab === undefined) throw new Error('the lab is only there inside tests');
    return lab;
  };
}

/** The release archive made of a suite's packages; `npm test` makes them before any test starts. */
export async function archivePath(suite: EtcdSuite = 'sid'): Promise<string> {
  const archive = await knownArchive(archiveDir(), suite);
  if (archive === undefined)
    throw new Error(`no etcd archive of ${suite} yet: start the tests with "npm test -- --e2e"`);
  return archive.path;
}

/** Takes down what test processes that are no more have left. */
async function removeDeadLabs(): Promise<void> {
  for (const name of labNames()) {
    const pid = /^t-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await downLab(name);
  }
}

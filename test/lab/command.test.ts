import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {eventually, must, run} from '../../src/lab/command.ts';

test('a command ends with its code and both outputs, and gets arguments as they are', async () => {
  const done = await run(['sh', '-c', 'cat; printf "%s" "$1" >&2; exit 3', 'sh', '$(id) "x"'], {input: 'in'});
  expect(done).toEqual({code: 3, signal: undefined, stdout: 'in', stderr: '$(id) "x"', timedOut: false});
});

test('a command that takes too long is ended with its children', async () => {
  const start = Date.now();
  const done = await run(['sh', '-c', 'sleep 60 & echo $!; wait'], {timeoutMs: 200});
  expect({signal: done.signal, timedOut: done.timedOut}).toEqual({signal: 'SIGKILL', timedOut: true});
  expect(Date.now() - start).toBeLessThan(5000);
  const child = Number(done.stdout.trim());
  expect(await eventually(() => !isRunning(child), 2000)).toBe(true);
});

test('a command that must succeed and does not is quoted with its last words', async () => {
  await expect(must(['sh', '-c', 'echo one >&2; echo two >&2; exit 7'])).rejects.toThrow(
    /ended with 7:\n {2}one\n {2}two$/,
  );
});

test('a command that does not exist is named', async () => {
  await expect(run(['no-such-command-here'])).rejects.toThrow('cannot run no-such-command-here');
});

/** A zombie has ended; who adopts it may take its time to notice. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

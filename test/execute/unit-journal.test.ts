import {expect, test} from 'vitest';
import {journalText, readJournal} from '../../src/execute/unit-journal.ts';

test('the journals of the hosts that failed stand below a message, each under its name', async () => {
  const journals: Record<string, string> = {h1: 'panic: one\nexited\n', h2: ''};
  const text = await journalText(['h1', 'h2'], 'etcd.service', async host => journals[host] ?? '');
  expect(text).toBe('\n  journal of etcd.service on h1:\n    panic: one\n    exited');
});

test('where no host can say anything, nothing is added', async () => {
  expect(await journalText(['h1'], 'etcd.service', async () => '\n')).toBe('');
  expect(await readJournal(undefined, 'etcd.service', 'root')).toBe('');
});

test('a long or hostile line is cut and made harmless', async () => {
  const text = await journalText(['h1'], 'etcd.service', async () => `\u001b[2J${'x'.repeat(500)}`);
  expect(text).toBe(`\n  journal of etcd.service on h1:\n    ${'x'.repeat(400)}…`);
});

test('at most three hosts are shown', async () => {
  const asked: string[] = [];
  await journalText(['h1', 'h2', 'h3', 'h4'], 'etcd.service', async host => {
    asked.push(host);
    return 'line';
  });
  expect(asked).toEqual(['h1', 'h2', 'h3']);
});

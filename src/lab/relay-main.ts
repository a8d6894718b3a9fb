/** A relay as a process of its own, because it has to live in the lab's network: options as JSON, then orders on stdin. */
import {createInterface} from 'node:readline';
import {type RelayOptions, startRelay} from './relay.ts';

const relay = await startRelay(JSON.parse(process.argv[2] ?? '{}') as RelayOptions);
process.stdout.write(`${relay.port}\n`);

for await (const line of createInterface({input: process.stdin})) {
  const [order, argument] = line.split(' ');
  if (order === 'cut') relay.cut();
  else if (order === 'mend') relay.mend();
  else if (order === 'reset') relay.reset();
  else if (order === 'delay') relay.setDelay(Number(argument));
  process.stdout.write(`${order}\n`);
}
await relay.close();

/** Asks a person for a password without showing it. */
import {createInterface} from 'node:readline';
import {Writable} from 'node:stream';

/** The typed line; undefined where nobody sits at a terminal or the input ends. Without a terminal one line of input is read. */
export function askPassword(
  question: string,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<string | undefined> {
  output.write(question);
  // Readline echoes into a stream that keeps nothing.
  const silent = new Writable({write: (_chunk, _encoding, done) => done()});
  const reader = createInterface({input, output: silent, terminal: input.isTTY === true});
  return new Promise(resolve => {
    let answer: string | undefined;
    reader.once('line', line => {
      answer = line;
      reader.close();
    });
    reader.once('SIGINT', () => {
      process.kill(process.pid, 'SIGINT');
    });
    reader.once('close', () => {
      output.write('\n');
      input.pause();
      resolve(answer);
    });
  });
}

/** A process's output stream as a `Screen`. */
import type {Screen} from './world.ts';

/** A screen that can tell when everything has left the process. */
export interface OpenScreen extends Screen {
  flush(): Promise<void>;
}

const DEFAULT_SIZE = {columns: 80, rows: 24};

/** A reader that goes away (`| head`) is not an error: what is written after that is dropped, and the run goes on. */
export function openScreen(stream: NodeJS.WriteStream): OpenScreen {
  let isGone = false;
  stream.on('error', () => {
    isGone = true;
  });
  return {
    isTTY: stream.isTTY === true,
    size: () => ({columns: stream.columns || DEFAULT_SIZE.columns, rows: stream.rows || DEFAULT_SIZE.rows}),
    write(text) {
      if (!isGone && text !== '') stream.write(text);
    },
    flush: () =>
      new Promise(resolve => (isGone || stream.writableLength === 0 ? resolve() : stream.write('', () => resolve()))),
  };
}

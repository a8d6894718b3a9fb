/** The command line as a text: to be copied into a shell, or to be shown to others. */

const PROGRAM = 'etcdctl-play';
const EXTRA_VARS = /^(?:-e|--extra-vars)$/;
const EXTRA_VARS_WITH_VALUE = /^(-e|--extra-vars=)(.+)$/s;

/** Word for word, quoted for a POSIX shell. */
export function commandLine(argv: readonly string[]): string {
  return [PROGRAM, ...argv.map(quoted)].join(' ');
}

/** For the eyes of others: values of `-e` may be passwords, so only their names are left. */
export function publicCommandLine(argv: readonly string[]): string {
  const words = argv.map((word, index) => {
    if (EXTRA_VARS.test(argv[index - 1] ?? '')) return withoutValues(word);
    const joined = EXTRA_VARS_WITH_VALUE.exec(word);
    return joined === null ? word : `${joined[1]}${withoutValues(joined[2] ?? '')}`;
  });
  return commandLine(words);
}

/** `a=1 b=2` -> `a=… b=…`; a file keeps its name; anything else (JSON, YAML) says nothing. */
function withoutValues(text: string): string {
  if (text.startsWith('@')) return text;
  // A quoted value may hold blanks: what is no plain `name=value` is left out.
  const names = text.split(/\s+/).map(pair => /^([A-Za-z_]\w*)=/.exec(pair)?.[1]);
  return names.map(name => (name === undefined ? '…' : `${name}=…`)).join(' ');
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,…-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

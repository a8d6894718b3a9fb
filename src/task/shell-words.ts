/** A shell text as far as it can be read without running it: its simple commands, and where in them a program's name stands. */

/** A shell text cut into simple commands, each as its words; quotes keep words together. Never fails: an open quote ends with the text. */
export function simpleCommands(text: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  const pattern =
    /\\\n|#[^\n]*|"((?:[^"\\]|\\[\s\S])*)"?|'([^']*)'?|([;&|\n(){}`]|\$\()|((?:[^\s"'\\;&|\n(){}`$]|\\[\s\S]|\$(?!\())+)|\s/g;
  let glued = false;
  for (const match of text.matchAll(pattern)) {
    const [all, double, single, separator, plain] = match;
    if (separator !== undefined) commands.push([]);
    const piece = double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? plain?.replace(/\\([\s\S])/g, '$1');
    if (piece === undefined) {
      glued = false;
      continue;
    }
    const words = commands.at(-1) as string[];
    // `#` begins a comment only where a word would begin.
    if (glued) words.push(`${words.pop() ?? ''}${piece}`);
    else words.push(piece);
    glued = all !== '' && separator === undefined;
    if (double !== undefined && /[$`]/.test(double))
      commands.push(...simpleCommands(double).map(words => [...words]), []);
    if (double !== undefined && /[$`]/.test(double)) glued = false;
  }
  return commands.filter(words => words.length > 0);
}

const WRAPPERS: ReadonlySet<string> = new Set(
  'sudo doas env nohup exec command builtin eval time nice ionice chrt timeout setsid stdbuf xargs systemd-run then do else if elif while until !'.split(
    ' ',
  ),
);

/** Whether the word at `index` may be the program that is run: nothing but wrappers, their options and assignments before it. */
export function isCommandPlace(words: readonly string[], index: number): boolean {
  return words.slice(0, index).every((word, at) => {
    const isValue = at > 0 && /^-/.test(words[at - 1] ?? '');
    return WRAPPERS.has(word.slice(word.lastIndexOf('/') + 1)) || isValue || /^(?:-|\w+=|\d+[smhd]?$)/.test(word);
  });
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh', 'busybox', 'su', 'runuser']);

/** Whether the word at `index` is a text that a shell is to run: `sh -c reboot`, `bash -euc …`, `su -c …`. */
export function isShellText(words: readonly string[], index: number): boolean {
  const isAfterC = /^-\w*c$/.test(words[index - 1] ?? '');
  return isAfterC && words.slice(0, index - 1).some(word => SHELLS.has(word.slice(word.lastIndexOf('/') + 1)));
}

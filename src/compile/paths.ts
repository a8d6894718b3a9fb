/** Paths of project files as text: `/` separates, nothing is looked up on a disk. */

/** Whether a path starts at the root. */
export function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

/** The directory of a file: `roles/etcd/tasks` of `roles/etcd/tasks/main.yml`, `.` of `main.yml`. */
export function dirname(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash === 0) return '/';
  return slash === -1 ? '.' : path.slice(0, slash);
}

/** The last part of a path. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `name` as seen from `dir`, with `.` and `..` taken out; an absolute name stays as it is. */
export function join(dir: string, name: string): string {
  const whole = isAbsolute(name) ? name : `${dir}/${name}`;
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !isAbsolute(whole)) parts.push(part);
  }
  const text = parts.join('/');
  if (isAbsolute(whole)) return `/${text}`;
  return text === '' ? '.' : text;
}

/** A word for an id: lower case, everything but letters, digits and dots turned to `-`, at most 40 characters. */
export function slug(text: string): string {
  const word = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.]+/gu, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return word === '' ? 'task' : word;
}

/** The plan of the house and the walk that holds `src/` to it. */
import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative, resolve} from 'node:path';

/** Rooms by floor, ground floor first: the single source of the drawing in ARCHITECTURE.md. An import goes down, never up, never sideways. */
export const FLOOR_PLAN: readonly (readonly string[])[] = [
  ['base'],
  ['inventory', 'template', 'etcd', 'pki', 'graph', 'plan', 'transport', 'report'],
  ['task', 'cluster'],
  ['compile', 'execute'],
  ['cli', 'lab'],
];

/** Rooms that touch no file, socket, process, clock or random source: text in, data out. */
export const PURE_ROOMS: readonly string[] = [
  'base',
  'inventory',
  'template',
  'etcd',
  'pki',
  'graph',
  'plan',
  'task',
  'compile',
  'report',
];

/** Files at the top of `src/`, which may import any room. */
export const DOORS: readonly string[] = ['main.ts'];

/** Node's own modules that a pure room may use: they compute, they do not reach out. */
const PURE_MODULES: readonly string[] = ['node:path/posix', 'node:crypto', 'node:util'];
/** The one pure file that makes keys: everywhere else randomness comes in as a parameter. */
const RANDOM_FILES: readonly string[] = ['pki/entropy.ts'];
const MAX_LINES = 250;

/** Ambient things that a pure room must be handed instead. */
const AMBIENT =
  /(?<![\w.'"#])(?:process\.\w+|Date\.now|new Date\(\)|Math\.random|setTimeout\(|setInterval\(|setImmediate\(|performance\.\w+|fetch\(|random(?:Bytes|UUID|Int|Fill)\w*\(|generateKeyPair\w*\()/;
const CONSOLE = /(?<![\w.])console\.\w+\(/;
/** Static, type-only, re-exporting and side-effect imports, and `import()` of a literal, also as a type. */
const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** One sentence for each breach of the plan in the TypeScript files below a directory. */
export function breaches(root: string): string[] {
  return filesBelow(root).flatMap(path => {
    const file = relative(root, path);
    const text = readFileSync(path, 'utf8');
    return [...shapeBreaches(file, text), ...importBreaches(root, file, text), ...ambientBreaches(file, text)];
  });
}

function filesBelow(dir: string): string[] {
  const entries = readdirSync(dir, {withFileTypes: true}).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap(entry => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.name.endsWith('.ts') ? [path] : [];
  });
}

function roomOf(file: string): string | undefined {
  return file.includes('/') ? file.split('/')[0] : undefined;
}

function floorOf(room: string): number {
  return FLOOR_PLAN.findIndex(floor => floor.includes(room));
}

function shapeBreaches(file: string, text: string): string[] {
  const found: string[] = [];
  const room = roomOf(file);
  if (room === undefined && !DOORS.includes(file)) found.push(`${file} is in no room and is no door`);
  if (room !== undefined && floorOf(room) === -1) found.push(`${file}: the room "${room}" is not in the plan`);
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > MAX_LINES) found.push(`${file} has ${lines} lines; the cap is ${MAX_LINES}`);
  if (!/^[a-z0-9-]+(?:\/[a-z0-9-]+)*(?:\.d)?\.ts$/.test(file)) found.push(`${file} is not named in kebab-case`);
  if (/^export default\b/m.test(text)) found.push(`${file} has a default export`);
  return found;
}

function importBreaches(root: string, file: string, text: string): string[] {
  const room = roomOf(file);
  return [...withoutComments(text).matchAll(IMPORT)].flatMap(([, named, dynamic]) => {
    const specifier = named ?? dynamic ?? '';
    if (!specifier.startsWith('.')) return room === undefined ? [] : moduleBreaches(room, file, specifier);
    if (!specifier.endsWith('.ts')) return [`${file} imports ${specifier} without its .ts`];
    const target = relative(root, resolve(root, dirname(file), specifier));
    return roomBreaches(room, file, target);
  });
}

function roomBreaches(room: string | undefined, file: string, target: string): string[] {
  const other = roomOf(target);
  if (room === undefined || other === room) return [];
  if (target.startsWith('..')) return [`${file} imports ${target}, outside src`];
  if (other === undefined) return [`${file} imports the door ${target}`];
  const difference = floorOf(other) - floorOf(room);
  if (difference < 0) return [];
  return [`${file} imports ${target}: ${difference === 0 ? 'sideways' : 'upward'}`];
}

function moduleBreaches(room: string, file: string, specifier: string): string[] {
  if (!PURE_ROOMS.includes(room) || !specifier.startsWith('node:')) return [];
  return PURE_MODULES.includes(specifier) ? [] : [`${file} imports ${specifier}, but "${room}" is pure`];
}

function ambientBreaches(file: string, text: string): string[] {
  const room = roomOf(file);
  const code = withoutComments(text);
  const found: string[] = [];
  if (CONSOLE.test(code)) found.push(`${file} uses console: emit an event or return a value`);
  const ambient =
    room !== undefined && PURE_ROOMS.includes(room) && !RANDOM_FILES.includes(file)
      ? AMBIENT.exec(code)?.[0]
      : undefined;
  if (ambient !== undefined) found.push(`${file} uses ${ambient.replace('(', '')}, but "${room}" is pure`);
  return found;
}

/** Comments and the text of templates go: words in them do nothing. Quoted strings stay, since they name imports. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<=^|[\s;{}])\/\/.*$|`(?:[^`\\$]|\\.|\$(?!\{))*`/gm, '');
}

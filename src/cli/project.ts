/** From the command line to a compiled project: every mistake of playbooks, inventory and variables at once, no host asked. */
import {dirname} from 'node:path';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {SourceFile} from '../base/source.ts';
import type {Compiled, CompileInput, ProjectFiles} from '../compile/input.ts';
import type {Variable} from '../inventory/types.ts';
import type {Redactor} from '../report/redact.ts';
import {DiskFiles, expandHome} from './files.ts';
import {findInventory, findVarsFiles, type InventoryFiles} from './find-inventory.ts';
import {findPlaybook, findRole, roleDirs} from './find-playbook.ts';
import {KNOWN_PREFIXES, knownVariables} from './known-variables.ts';
import type {Options} from './options.ts';
import {addSecretsOfData, addSecretsOfText} from './secrets.ts';
import {targetsOf} from './targets.ts';
import type {World} from './world.ts';

/** A project ready to run or to be listed. */
export interface Project {
  readonly compiled: Compiled;
  readonly playbooks: readonly SourceFile[];
  readonly warnings: readonly Diagnostic[];
  /** Everything that was read. */
  readonly files: DiskFiles;
}

/** Reads and compiles everything. What is secret is told to the redactor before any mistake is. */
export async function loadProject(options: Options, world: World, redactor: Redactor): Promise<Result<Project>> {
  const files = new DiskFiles(world.cwd);
  const playbooks = collectPlaybooks(options, files, world);
  const inventoryFiles = findInventory(options, files, world);
  const limit = readLimit(options.limit, files);
  const early = [playbooks, inventoryFiles, limit].flatMap(result => (result.ok ? [] : result.error));
  const dirs = roleDirs(playbooks.ok ? playbooks.value : [], files, world.packageDir);
  const known = {knownVariables: knownVariables(dirs, files), prefixes: KNOWN_PREFIXES};
  const [{readInventory}, {parseExtraVars}] = await Promise.all([
    import('../inventory/inventory.ts'),
    import('../inventory/extra-vars.ts'),
  ]);
  const items = options.extraVars.map((text, index) => ({
    text,
    source: options.extraVars.length > 1 ? `<extra-vars ${index + 1}>` : '<extra-vars>',
  }));
  if (options.allowDowntime) items.push({text: 'etcd_allow_downtime=true', source: '<--allow-downtime>'});
  for (const {text, source} of items) addSecretsOfText({path: source, text}, redactor);
  const extraVars = parseExtraVars(items, path => files.read(expandHome(path, world.home)), known);
  if (extraVars.ok) addSecretsOfVariables(extraVars.value, redactor);
  else early.push(...extraVars.error);
  if (!inventoryFiles.ok) return err([...early, ...files.problems]);

  const varsFiles = findVarsFiles(inventoryFiles.value, playbooks.ok ? playbooks.value : [], files);
  for (const file of [...inventoryFiles.value.files, ...varsFiles.map(vars => vars.file)])
    addSecretsOfText(file, redactor);
  const reading = readInventory(inventoryFiles.value.files, {...known, varsFiles});
  const {inventory} = reading;
  early.push(...reading.problems);
  for (const owner of [...(inventory?.hosts.values() ?? []), ...(inventory?.groups.values() ?? [])])
    addSecretsOfVariables(owner.variables, redactor);
  if (inventory === undefined || !playbooks.ok || !extraVars.ok || !limit.ok) return err([...early, ...files.problems]);

  // An inventory with mistakes is compiled all the same: the user is to see all of them at once.
  const {compile} = await import('../compile/compile.ts');
  const compiled = compile({
    inventory,
    ...placesOf(inventoryFiles.value),
    playbooks: playbooks.value,
    files: projectFiles(files, dirs),
    playbookDir: path => files.absolute(dirname(path)),
    extraVars: extraVars.value,
    ...compileOptions(options, limit.value),
    version: world.version,
  });
  const targets = compiled.ok ? await targetsOf(compiled.value.hosts, {}, options, world) : undefined;
  const found = [compiled, targets].flatMap(result => (result === undefined || result.ok ? [] : result.error));
  const problems = [...early, ...files.problems, ...found];
  if (!compiled.ok || problems.length > 0) return err(withoutRepeats(problems));
  const warnings = [...inventory.warnings, ...compiled.value.warnings];
  return ok({compiled: compiled.value, playbooks: playbooks.value, warnings, files});
}

/** One place, one problem: what the first reader said of it stays. */
function withoutRepeats(problems: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return problems.filter(({at, code, message}) => {
    const key = at === undefined ? `${code} ${message}` : `${at.file.path}:${at.start}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function placesOf({dir, file}: InventoryFiles): Pick<CompileInput, 'inventoryDir' | 'inventoryFile'> {
  return {inventoryDir: dir, inventoryFile: file};
}

function compileOptions(
  {tags, skipTags, startAtTask, check, diff, become, becomeUser, planOut}: Options,
  limit: string | undefined,
) {
  return {
    tags,
    skipTags,
    // A plan is one of the real run: its tasks are those of the real run.
    check: check && planOut === undefined,
    diff,
    become,
    ...(limit === undefined ? {} : {limit}),
    ...(startAtTask === undefined ? {} : {startAtTask}),
    ...(becomeUser === undefined ? {} : {becomeUser}),
  };
}

function collectPlaybooks(options: Options, files: DiskFiles, {packageDir}: World): Result<SourceFile[]> {
  const found = options.playbooks.map(name => findPlaybook(name, files, packageDir));
  const problems = found.flatMap(result => (result.ok ? [] : result.error));
  return problems.length > 0 ? err(problems) : ok(found.flatMap(result => (result.ok ? [result.value] : [])));
}

/** `-l @file`: one pattern a line, as `ansible-playbook` writes its retry files. */
function readLimit(limit: string | undefined, files: DiskFiles): Result<string | undefined> {
  if (limit === undefined || !limit.startsWith('@')) return ok(limit);
  const path = limit.slice(1);
  const file = files.read(path);
  if (file === undefined)
    return err([problem('E_LIMIT_FILE', `the file ${path} of --limit cannot be read`, {hint: 'check the path.'})]);
  const patterns = file.text
    .split('\n')
    .map(line => line.replace(/#.*/, '').trim())
    .filter(line => line !== '');
  if (patterns.length > 0) return ok(patterns.join(','));
  return err([
    problem('E_LIMIT_FILE', `the file ${path} of --limit is empty: no host is meant`, {
      hint: 'write one host or group a line.',
    }),
  ]);
}

function projectFiles(files: DiskFiles, dirs: readonly string[]): ProjectFiles {
  return {
    read: path => files.read(path),
    list: dir => files.list(dir),
    rolePath: name => findRole(name, dirs, files),
  };
}

function addSecretsOfVariables(variables: ReadonlyMap<string, Variable>, redactor: Redactor): void {
  for (const [name, {value}] of variables) addSecretsOfData(name, value, redactor);
}

/** Differences of a member's text files: etcd.conf by option, the others by their first line that differs. */
import {canonical, differingOptions, flatOptions, readConfig, showOption} from './config-diff.ts';
import {type Difference, type HostLayers, MISSING, stepOf, type TextLayers, whose} from './drift-layers.ts';
import {READ_ONCE} from './read-once.ts';

/** etcd.conf: a difference for each option, where the files can be read; the first line that differs where they cannot. */
export function configDifferences(layers: HostLayers): readonly Difference[] {
  const {config} = layers;
  const name = baseName(config.path);
  const disk = config.disk === undefined ? undefined : readConfig(config.path, config.disk);
  const started = config.started === undefined ? undefined : readConfig(config.path, config.started);
  const fix = stepOf(layers, 'etcd_conf');
  if (disk === undefined)
    return [...textDifferences(layers, config, fix), ...attributeDifferences(layers, config, fix)];
  const known = [config.options, disk, ...(started === undefined ? [] : [started])];
  const [wantedOptions, diskOptions, startedOptions] = known.map(flatOptions);
  const options = differingOptions(known).flatMap((key): Difference[] => {
    const values = [wantedOptions, diskOptions, startedOptions].map(of => of?.get(key));
    const [inventory, onDisk, inProcess] = values.map(canonical);
    const isReadOnce = READ_ONCE.includes(key);
    // What was read once may have been different then: it has no effect now.
    if (isReadOnce && inventory === onDisk) return [];
    return [
      {
        ...whose(layers),
        what: `${name}: ${key}`,
        inventory: showOption(values[0]),
        disk: showOption(values[1]),
        ...(started === undefined ? {} : {process: showOption(values[2])}),
        restart: !isReadOnce && started !== undefined && inProcess !== inventory,
        fix: inventory === onDisk ? stepOf(layers, 'etcd_restart') : fix,
      },
    ];
  });
  // The same options in other words: the process has read the same.
  const {started: _, ...file} = config;
  const texts = options.length > 0 ? [] : textDifferences(layers, file, fix);
  return [...options, ...texts, ...attributeDifferences(layers, config, fix)];
}

/** The unit file: systemd's own reading of it counts, too. */
export function unitFileDifferences(layers: HostLayers): readonly Difference[] {
  const {unitFile, unit} = layers;
  const fix = stepOf(layers, 'etcd_unit');
  const differences = [...textDifferences(layers, unitFile, fix), ...attributeDifferences(layers, unitFile, fix)];
  if (differences.length > 0 || !unit.needDaemonReload) return differences;
  const what = `${unit.name} as systemd knows it`;
  return [{...whose(layers), what, disk: 'changed since systemd read it', restart: false, fix}];
}

/** The environment for etcdctl: no process has read it. */
export function environmentDifferences(layers: HostLayers): readonly Difference[] {
  const {started: _, ...file} = layers.environment;
  const fix = stepOf(layers, 'etcd_env');
  return [...textDifferences(layers, file, fix), ...attributeDifferences(layers, file, fix)];
}

/** One difference where a file's layers are not the same text. */
function textDifferences(layers: HostLayers, file: TextLayers, fix: string): readonly Difference[] {
  const {wanted, disk, started} = file;
  if (disk === wanted && (started === undefined || started === wanted)) return [];
  const texts = [wanted, disk, started].filter(text => text !== undefined);
  const line = firstLineThatDiffers(texts);
  const cell = (text: string | undefined) => (text === undefined ? MISSING : lineOf(text, line));
  return [
    {
      ...whose(layers),
      what: disk === undefined ? baseName(file.path) : `${baseName(file.path)} line ${line + 1}`,
      inventory: disk === undefined ? 'wanted' : cell(wanted),
      disk: cell(disk),
      ...(started === undefined || disk === undefined ? {} : {process: cell(started)}),
      restart: started !== undefined && started !== wanted,
      fix: disk === wanted ? stepOf(layers, 'etcd_restart') : fix,
    },
  ];
}

/** Owner, group, mode. */
export function attributeDifferences(
  layers: HostLayers,
  {path, attributes}: Pick<TextLayers, 'path' | 'attributes'>,
  fix: string,
): readonly Difference[] {
  return attributes.map(text => {
    const [disk = '', inventory = ''] = text.split(' -> ');
    const [word = '', value = ''] = disk.split(' ');
    return {...whose(layers), what: `${baseName(path)}: ${word}`, inventory, disk: value, restart: false, fix};
  });
}

function firstLineThatDiffers(texts: readonly string[]): number {
  const lines = texts.map(text => text.split('\n'));
  const longest = Math.max(...lines.map(list => list.length));
  for (let index = 0; index < longest; index++) if (new Set(lines.map(list => list[index])).size > 1) return index;
  return 0;
}

/** A line, quoted so that one sees where it ends; long ones are cut. */
function lineOf(text: string, index: number): string {
  const line = text.split('\n')[index];
  if (line === undefined) return '(ends before)';
  return JSON.stringify(line.length > 120 ? `${line.slice(0, 117)}...` : line);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

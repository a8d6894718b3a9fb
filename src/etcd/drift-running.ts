/** Differences of what runs: the unit's state, program and command line, the version it answers, the URLs it tells the others. */
import {type Diagnostic, warning} from '../base/diagnostic.ts';
import {type Difference, type HostLayers, MISSING, stepOf, whose} from './drift-layers.ts';

/** Settings of a drop-in that take the unit's place where the inventory speaks (systemd.service(5), systemd.exec(5)). */
const MANAGED = ['ExecStart', 'ExecStartPre', 'User', 'Group', 'Type', 'WorkingDirectory', 'RuntimeDirectory'];

/** What runs, against what should. */
export function processDifferences(layers: HostLayers): readonly Difference[] {
  return [
    ...unitDifferences(layers),
    ...dropInDifferences(layers),
    ...binaryDifferences(layers),
    ...commandDifferences(layers),
    ...urlDifferences(layers),
  ];
}

function unitDifferences(layers: HostLayers): readonly Difference[] {
  const {unit, live} = layers;
  const found: Difference[] = [];
  const what = unit.name;
  if (unit.active !== 'active') {
    const process = live === undefined ? unit.active : `${unit.active}, but an etcd that is not the unit's answers`;
    const fix =
      live === undefined
        ? stepOf(layers, 'etcd_launch')
        : `find it with "ss -ltnp" on ${layers.host}, end it, then ${stepOf(layers, 'etcd_launch')}`;
    found.push({...whose(layers), what, inventory: 'active', process, restart: live !== undefined, fix});
  }
  if (unit.enabled !== 'enabled') {
    const disk = unit.enabled === '' ? 'not enabled' : unit.enabled;
    const fix = stepOf(layers, 'etcd_unit');
    found.push({...whose(layers), what: `${what} at boot`, inventory: 'enabled', disk, restart: false, fix});
  }
  return found;
}

function dropInDifferences(layers: HostLayers): readonly Difference[] {
  return layers.unit.dropIns.flatMap(({path, text}) =>
    settingsOf(text)
      .filter(({key, value}) => MANAGED.includes(key) && value !== '')
      .map(({key, value}) => ({
        ...whose(layers),
        what: `drop-in ${path}: ${key}`,
        inventory: "the unit's",
        disk: JSON.stringify(value),
        restart: true,
        fix: `remove it from ${path} on ${layers.host}, then etcdctl-play etcd-restart.yml -l ${layers.host}`,
      })),
  );
}

/** Settings for etcd in its environment: with `--config-file` it reads none of them (and says so to nobody). */
export function ignoredVariables({member, host, unit, process: main}: HostLayers): readonly Diagnostic[] {
  const names = main?.etcdVariables ?? [];
  if (names.length === 0) return [];
  const from = unit.dropIns.filter(({text}) => /ETCD_/.test(text)).map(({path}) => path);
  const where = from.length === 0 ? `of ${unit.name}` : `(${from.join(', ')})`;
  const message = `${member} on ${host}: etcd ignores ${names.join(', ')} in its environment ${where}: it has a configuration file`;
  return [
    warning('W_ETCD_ENVIRONMENT_IGNORED', message, {hint: 'set the option in etcd_config, and remove the variable.'}),
  ];
}

/** `Key=Value` lines of a unit file, comments left out; a backslash at the end of a line goes on with the next. */
export function settingsOf(text: string): readonly {readonly key: string; readonly value: string}[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .flatMap(line => {
      const match = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line);
      return match === null ? [] : [{key: match[1] ?? '', value: match[2] ?? ''}];
    });
}

/** Link and program file; the version only where these do not tell already that it is another. */
function binaryDifferences(layers: HostLayers): readonly Difference[] {
  const {binary, process: main, live} = layers;
  const isLinked = binary.disk === binary.wanted;
  const runsOther = main !== undefined && (main.program !== binary.wanted || main.isDeleted);
  if (!isLinked || runsOther) {
    const deleted = main?.isDeleted ? ' (deleted or replaced since)' : '';
    const answers = live === undefined ? '' : ` (answers ${live.version})`;
    return [
      {
        ...whose(layers),
        what: 'binary',
        inventory: binary.wanted,
        disk: binary.disk ?? MISSING,
        ...(main === undefined ? {} : {process: `${main.program}${deleted}${answers}`}),
        restart: runsOther,
        fix: isLinked ? `etcdctl-play etcd-restart.yml -l ${layers.host}` : stepOf(layers, 'etcd_install'),
      },
    ];
  }
  if (live === undefined || binary.version === '' || live.version === binary.version) return [];
  const fix = `the file at ${binary.wanted} on ${layers.host} is not that release: remove it, then ${stepOf(layers, 'etcd_install')}`;
  const what = 'version';
  return [{...whose(layers), what, inventory: binary.version, process: live.version, restart: true, fix}];
}

/** Words of the command line: the unit gives etcd its configuration file and nothing else. */
function commandDifferences(layers: HostLayers): readonly Difference[] {
  const {process: main, binary, config} = layers;
  if (main === undefined) return [];
  const wanted = ['--config-file', config.path];
  const [, ...words] = main.argv;
  if (words.join('\0') === wanted.join('\0')) return [];
  return [
    {
      ...whose(layers),
      what: 'command line',
      inventory: [binary.path, ...wanted].join(' '),
      process: shownWords(main.argv),
      restart: true,
      fix: `look for what starts it so ("systemctl cat ${layers.unit.name}" on ${layers.host}), then etcdctl-play etcd-restart.yml -l ${layers.host}`,
    },
  ];
}

function shownWords(argv: readonly string[]): string {
  const text = argv.join(' ');
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}

/** What the cluster was told of the member. Client URLs are empty for a moment after the start. */
function urlDifferences(layers: HostLayers): readonly Difference[] {
  const {live, peerUrl, clientUrl} = layers;
  const found: Difference[] = [];
  const {peerUrls, clientUrls} = live ?? {};
  if (peerUrls !== undefined && !isOnly(peerUrls, peerUrl)) {
    found.push({
      ...whose(layers),
      what: 'peer URL in the member list',
      inventory: peerUrl,
      process: peerUrls.join(','),
      restart: false,
      fix: `"etcdctl member update" with --peer-urls=${peerUrl}, or correct etcd_address and etcd_peer_port in the inventory`,
    });
  }
  if (clientUrls !== undefined && clientUrls.length > 0 && !isOnly(clientUrls, clientUrl)) {
    found.push({
      ...whose(layers),
      what: 'client URL in the member list',
      inventory: clientUrl,
      process: clientUrls.join(','),
      restart: true,
      fix: stepOf(layers, 'etcd_conf'),
    });
  }
  return found;
}

function isOnly(urls: readonly string[], wanted: string): boolean {
  return urls.length === 1 && urls[0] === wanted;
}

/** The drift report as a table: what differs in which layer -> which line is told. */
import {describe, expect, it} from 'vitest';
import {type Data, type DataMap, dataMap} from '../../src/base/data.ts';
import {driftProblem, hostDifferences} from '../../src/etcd/drift.ts';
import type {CertificateLayers, HostLayers, ProcessLayer, TextLayers} from '../../src/etcd/drift-layers.ts';
import {ignoredVariables, settingsOf} from '../../src/etcd/drift-running.ts';

const CONF =
  'name: m1\nsnapshot-count: 100\ninitial-cluster-state: new\npeer-transport-security:\n  client-cert-auth: true\n';
const UNIT = '[Service]\nLimitNOFILE=65536\n';
const map = (entries: Record<string, Data>): DataMap => dataMap(Object.entries(entries));

const OPTIONS = map({
  name: 'm1',
  'snapshot-count': 100,
  'initial-cluster-state': 'new',
  'peer-transport-security': map({'client-cert-auth': true}),
});
const PROCESS: ProcessLayer = {
  program: '/opt/etcd/3.5.30/etcd',
  isDeleted: false,
  argv: ['/usr/local/bin/etcd', '--config-file', '/etc/etcd/etcd.conf'],
  etcdVariables: [],
};
const file = (path: string, text: string, more: Partial<TextLayers> = {}): TextLayers => ({
  path,
  wanted: text,
  disk: text,
  started: text,
  attributes: [],
  ...more,
});
const view = (letter: string) => ({fingerprint256: `${letter}:`.repeat(32).slice(0, -1), notAfterMs: 0});
const certificate = (name: string, more: Partial<CertificateLayers> = {}): CertificateLayers => ({
  file: name,
  wanted: view('AA'),
  disk: view('AA'),
  isNewerThanProcess: false,
  keyDiffers: false,
  attributes: [],
  ...more,
});
/** As the facts may leave them out: a layer that is absent is `undefined`. */
const config = (more: object): Pick<HostLayers, 'config'> => ({config: {...AGREE.config, ...more}});
const unit = (more: Partial<HostLayers['unit']>) => ({unit: {...AGREE.unit, ...more}});

const AGREE: HostLayers = {
  member: 'm1',
  host: 'h1',
  config: {...file('/etc/etcd/etcd.conf', CONF), options: OPTIONS},
  unitFile: file('/etc/systemd/system/etcd.service', UNIT),
  environment: {path: '/etc/profile.d/etcdctl.sh', wanted: 'x\n', disk: 'x\n', attributes: []},
  certificates: [certificate('ca.crt'), certificate('server.crt', {served: view('AA')})],
  binary: {
    path: '/usr/local/bin/etcd',
    wanted: '/opt/etcd/3.5.30/etcd',
    disk: '/opt/etcd/3.5.30/etcd',
    version: '3.5.30',
  },
  unit: {name: 'etcd.service', active: 'active', enabled: 'enabled', needDaemonReload: false, dropIns: []},
  process: PROCESS,
  live: {version: '3.5.30', peerUrls: ['https://h1:2380'], clientUrls: ['https://h1:2379']},
  peerUrl: 'https://h1:2380',
  clientUrl: 'https://h1:2379',
};
const {process: _p, live: _l, ...STOPPED} = AGREE;

/** `what: inventory | disk | process` and ` !` where mending it restarts. */
function lines(change: object, base: object = AGREE): string[] {
  return hostDifferences({...base, ...change} as HostLayers).map(
    ({what, inventory = '-', disk = '-', process = '-', restart}) =>
      `${what}: ${inventory} | ${disk} | ${process}${restart ? ' !' : ''}`,
  );
}

const EDITED = CONF.replace('100', '5');

describe('hostDifferences', () => {
  it.each<[string, object, string[]]>([
    ['all agree', {}, []],
    ['an option edited on disk', config({disk: EDITED}), ['etcd.conf: snapshot-count: 100 | 5 | 100']],
    ['a process older than the disk', config({started: EDITED}), ['etcd.conf: snapshot-count: 100 | 100 | 5 !']],
    [
      'edited, and started with it',
      config({disk: EDITED, started: EDITED}),
      ['etcd.conf: snapshot-count: 100 | 5 | 5 !'],
    ],
    [
      'an option that only the disk has',
      config({disk: `${CONF}qouta-backend-bytes: 8\n`}),
      ['etcd.conf: qouta-backend-bytes: (not set) | 8 | (not set)'],
    ],
    [
      'an option in a section',
      config({started: CONF.replace('true', 'false')}),
      ['etcd.conf: peer-transport-security.client-cert-auth: true | true | false !'],
    ],
    ['what is read once, in the process only', config({started: CONF.replace(': new', ': existing')}), []],
    [
      'what is read once, on disk',
      config({disk: CONF.replace(': new', ': existing')}),
      ['etcd.conf: initial-cluster-state: new | existing | new'],
    ],
    [
      'a number written as text',
      config({disk: CONF.replace('100', '"100"')}),
      ['etcd.conf line 2: "snapshot-count: 100" | "snapshot-count: \\"100\\"" | -'],
    ],
    ['a comment on disk', config({disk: `# mine\n${CONF}`}), ['etcd.conf line 1: "name: m1" | "# mine" | -']],
    ['no configuration', config({disk: undefined}), ['etcd.conf: wanted | (missing) | -']],
    [
      'a configuration that is no mapping',
      config({disk: '- a\n'}),
      ['etcd.conf line 1: "name: m1" | "- a" | "name: m1"'],
    ],
    ['started by somebody else', config({started: undefined}), []],
    ['mode of the configuration', config({attributes: ['mode 0644 -> 0640']}), ['etcd.conf: mode: 0640 | 0644 | -']],
    [
      'the unit file edited',
      {unitFile: file('/s/etcd.service', UNIT, {disk: UNIT.replace('65536', '1024')})},
      ['etcd.service line 2: "LimitNOFILE=65536" | "LimitNOFILE=1024" | "LimitNOFILE=65536"'],
    ],
    [
      'the unit file newer than the process',
      {unitFile: file('/s/etcd.service', UNIT, {started: '[Service]\n'})},
      ['etcd.service line 2: "LimitNOFILE=65536" | "LimitNOFILE=65536" | "" !'],
    ],
    [
      'systemd has not read it',
      unit({needDaemonReload: true}),
      ['etcd.service as systemd knows it: - | changed since systemd read it | -'],
    ],
    [
      'the environment file',
      {environment: file('/e/etcdctl.sh', 'x\n', {disk: 'y\n', started: undefined as never})},
      ['etcdctl.sh line 1: "x" | "y" | -'],
    ],
    [
      'a leaf on disk',
      {certificates: [certificate('peer.crt', {disk: view('BB')})]},
      ['peer.crt: AA:AA:AA:AA… until 1970-01-01 | BB:BB:BB:BB… until 1970-01-01 | -'],
    ],
    [
      'a leaf that is missing',
      {certificates: [certificate('peer.crt', {disk: undefined as never})]},
      ['peer.crt: AA:AA:AA:AA… until 1970-01-01 | (missing) | -'],
    ],
    [
      'a leaf that is not what is shown',
      {certificates: [certificate('server.crt', {served: view('CC')})]},
      ['server.crt: AA:AA:AA:AA… until 1970-01-01 | AA:AA:AA:AA… until 1970-01-01 | CC:CC:CC:CC… until 1970-01-01'],
    ],
    [
      'a CA newer than the process',
      {certificates: [certificate('ca.crt', {isNewerThanProcess: true})]},
      ['ca.crt: - | AA:AA:AA:AA… until 1970-01-01 | started before the file was written, and reads it only then !'],
    ],
    [
      'a key',
      {certificates: [certificate('peer.crt', {keyDiffers: true})]},
      ["peer.key: the controller's | another | -"],
    ],
    [
      'the link to the binary',
      {binary: {...AGREE.binary, disk: '/opt/etcd/3.5.16/etcd'}},
      ['binary: /opt/etcd/3.5.30/etcd | /opt/etcd/3.5.16/etcd | /opt/etcd/3.5.30/etcd (answers 3.5.30)'],
    ],
    [
      'a process of another binary',
      {process: {...PROCESS, program: '/opt/x'}},
      ['binary: /opt/etcd/3.5.30/etcd | /opt/etcd/3.5.30/etcd | /opt/x (answers 3.5.30) !'],
    ],
    [
      'a binary replaced below the process',
      {process: {...PROCESS, isDeleted: true}},
      [
        'binary: /opt/etcd/3.5.30/etcd | /opt/etcd/3.5.30/etcd | /opt/etcd/3.5.30/etcd (deleted or replaced since) (answers 3.5.30) !',
      ],
    ],
    ['another version in the right file', {live: {version: '3.5.16'}}, ['version: 3.5.30 | - | 3.5.16 !']],
    [
      'another command line',
      {process: {...PROCESS, argv: ['etcd', '--name', 'x']}},
      ['command line: /usr/local/bin/etcd --config-file /etc/etcd/etcd.conf | - | etcd --name x !'],
    ],
    [
      'a drop-in with a program of its own',
      unit({dropIns: [{path: '/d', text: '[Service]\nExecStart=\nExecStart=/x\n'}]}),
      ['drop-in /d: ExecStart: the unit\'s | "/x" | - !'],
    ],
    ['a drop-in with settings of its own', unit({dropIns: [{path: '/d', text: '[Service]\nLimitNOFILE=9\n'}]}), []],
    [
      'a unit that does not start at boot',
      unit({enabled: 'disabled'}),
      ['etcd.service at boot: enabled | disabled | -'],
    ],
    [
      'another peer URL',
      {live: {...AGREE.live, peerUrls: ['https://h9:2380']}},
      ['peer URL in the member list: https://h1:2380 | - | https://h9:2380'],
    ],
    [
      'another client URL',
      {live: {...AGREE.live, clientUrls: ['https://h9:2379']}},
      ['client URL in the member list: https://h1:2379 | - | https://h9:2379 !'],
    ],
    ['client URLs not published yet', {live: {...AGREE.live, clientUrls: []}}, []],
  ])('%s', (_, change, expected) => {
    expect(lines(change)).toEqual(expected);
  });

  it('a stopped member is one line, an etcd of somebody else in its place another', () => {
    expect(lines(unit({active: 'failed'}), STOPPED)).toEqual(['etcd.service: active | - | failed']);
    expect(lines({...unit({active: 'inactive'}), live: AGREE.live}, STOPPED)).toEqual([
      "etcd.service: active | - | inactive, but an etcd that is not the unit's answers !",
    ]);
  });

  it('a host without anything of etcd is one line', () => {
    const {disk: _c, ...conf} = AGREE.config;
    const {disk: _u, ...unitFile} = AGREE.unitFile;
    const {disk: _b, ...binary} = AGREE.binary;
    expect(lines({config: conf, unitFile, binary}, STOPPED)).toEqual(['etcd: a member | (nothing) | -']);
  });
});

it('a difference is told with its layers, its remedy, and whether that restarts', () => {
  const [difference] = hostDifferences({...AGREE, ...config({started: EDITED})});
  expect(difference && driftProblem(difference)).toEqual({
    code: 'E_ETCD_DRIFT',
    severity: 'error',
    message: 'm1 on h1: etcd.conf: snapshot-count: inventory 100, disk 100, process 5',
    hint: 'etcdctl-play etcd.yml -l h1 -t etcd_restart (restarts the member)',
  });
});

it('variables that etcd ignores are named with the drop-in that sets them, values never', () => {
  const layers = {
    ...AGREE,
    ...unit({dropIns: [{path: '/d', text: '[Service]\nEnvironment=ETCD_NAME=secret\n'}]}),
    process: {...PROCESS, etcdVariables: ['ETCD_NAME']},
  };
  expect(ignoredVariables(AGREE)).toEqual([]);
  expect(ignoredVariables(layers).map(({message}) => message)).toEqual([
    'm1 on h1: etcd ignores ETCD_NAME in its environment (/d): it has a configuration file',
  ]);
});

it('settings of a drop-in go on over a line break, and comments are none', () => {
  expect(settingsOf('[Service]\n# User=x\nExecStart=/x \\\n  --y\nUser = z\n')).toEqual([
    {key: 'ExecStart', value: '/x    --y'},
    {key: 'User', value: 'z'},
  ]);
});

/** What `etcd_status` asks, and from the answers to the three layers of each host. */

import type {CertificateLayers, CertificateView, HostLayers, TextLayers} from '../etcd/drift-layers.ts';
import type {States} from '../etcd/facts.ts';
import {memberListOf} from '../etcd/health.ts';
import type {CertificateEnd, MemberStatus} from '../etcd/member-status.ts';
import {readCertificates} from '../pki/pem.ts';
import {type AttributeArgs, attributeDrift, attributesOf} from './attributes.ts';
import {ADMIN, type MemberArg} from './etcd-members.ts';
import {statesOf} from './etcd-states.ts';
import type {HostArgs, StatusArgs} from './etcd-status.ts';
import type {EtcdFact, Fact, PathFact, ProcessFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {releaseVersion} from './release-name.ts';

type Facts = Readonly<Record<string, Fact | undefined>>;

/** Pairs of a member; the CA beside them has no key there. */
const LEAVES = ['server', 'peer', 'client'] as const;
/** Seconds by which a file must be newer than a process: their clocks are not read at the same moment. */
const SLACK_SECONDS = 2;

/** Questions to each host, and to the controller about its copies. */
export function hostProbes(args: StatusArgs): Readonly<Record<string, Probe>> {
  const hosts = args.members.flatMap(member => {
    const own = args.hosts[member.host];
    return own === undefined ? [] : Object.entries(probesOfHost(member, own, args.pki_dir));
  });
  const copy = (name: string): Probe => ({kind: 'controller-path', path: `${args.pki_dir}/${name}`, content: 'text'});
  return {
    'controller:ca.crt': copy('ca.crt'),
    [`controller:${ADMIN}.crt`]: copy(`${ADMIN}.crt`),
    ...Object.fromEntries(hosts),
  };
}

function probesOfHost({name, host}: MemberArg, args: HostArgs, pkiDir: string): Readonly<Record<string, Probe>> {
  const text = (path: string): Probe => ({kind: 'path', path, content: 'text', at: host});
  const probes: Record<string, Probe> = {
    process: {kind: 'process', unit: args.unit, at: host},
    conf: text(args.conf_file),
    service: text(args.service_file),
    env: text(args.env_file),
    startedConf: text(`${args.started_dir}/started.conf`),
    startedService: text(`${args.started_dir}/started.service`),
    binary: {kind: 'path', path: args.binary, at: host},
    'ca.crt': text(`${args.config_dir}/ca.crt`),
  };
  for (const leaf of LEAVES) {
    const copy = `${pkiDir}/${name}.${leaf}`;
    probes[`${leaf}.crt`] = text(`${args.config_dir}/${leaf}.crt`);
    probes[`${leaf}.key`] = {kind: 'path', path: `${args.config_dir}/${leaf}.key`, content: 'sha256', at: host};
    probes[`controller:${leaf}.crt`] = {kind: 'controller-path', path: `${copy}.crt`, content: 'text'};
    probes[`controller:${leaf}.key`] = {kind: 'controller-path', path: `${copy}.key`, content: 'sha256'};
  }
  return Object.fromEntries(Object.entries(probes).map(([key, probe]) => [`${host}:${key}`, probe]));
}

/** The layers of each host that answered. */
export function layersOf(args: StatusArgs, facts: Facts): readonly HostLayers[] {
  const states = statesOf(args.members, facts);
  return args.members.flatMap(member => {
    const own = args.hosts[member.host];
    return own === undefined || processOf(member, facts) === undefined
      ? []
      : [layersOfHost(member, own, facts, states)];
  });
}

/** What the host's unit and process are; undefined where the host was not asked or did not answer. */
export function processOf({host}: MemberArg, facts: Facts): ProcessFact | undefined {
  return facts[`${host}:process`] as ProcessFact | undefined;
}

function layersOfHost(member: MemberArg, args: HostArgs, facts: Facts, states: States): HostLayers {
  const {unit, main, dropIns} = processOf(member, facts) as ProcessFact;
  const path = (key: string) => facts[`${member.host}:${key}`] as PathFact;
  // What a process that is gone was started with says nothing of the one to come.
  const started = (key: string) => (main === undefined ? undefined : textOf(path(key)));
  const file = (key: 'conf' | 'service' | 'env', filePath: string, startedText?: string): TextLayers =>
    withText(
      {path: filePath, wanted: args[key], attributes: drift(path(key), args.attributes[key])},
      path(key),
      startedText,
    );
  const binary = path('binary');
  const link = binary.exists ? (binary.target ?? `${args.binary} (no link)`) : undefined;
  const version = releaseVersion(args.archive) ?? args.version.replace(/^v/, '');
  const live = liveOf(member, states);
  return {
    member: member.name,
    host: member.host,
    config: {...file('conf', args.conf_file, started('startedConf')), options: args.config},
    unitFile: file('service', args.service_file, started('startedService')),
    environment: file('env', args.env_file),
    certificates: certificatesOf(member, args, facts, states),
    binary: {
      path: args.binary,
      wanted: `${args.install_dir}/${version}/etcd`,
      version,
      ...(link === undefined ? {} : {disk: link}),
    },
    unit: {
      name: args.unit,
      active: unit.active,
      enabled: unit.enabled,
      needDaemonReload: unit.needDaemonReload,
      dropIns,
    },
    ...(main === undefined ? {} : {process: main}),
    ...(live === undefined ? {} : {live}),
    peerUrl: member.peer_url,
    clientUrl: member.client_url,
  };
}

function withText(file: Omit<TextLayers, 'disk' | 'started'>, fact: PathFact, started: string | undefined): TextLayers {
  const disk = textOf(fact);
  return {...file, ...(disk === undefined ? {} : {disk}), ...(started === undefined ? {} : {started})};
}

function textOf(fact: PathFact): string | undefined {
  return fact.exists ? fact.text : undefined;
}

function drift(fact: PathFact, wanted: AttributeArgs): readonly string[] {
  return fact.exists && fact.type === 'file' ? attributeDrift(fact, attributesOf(wanted)) : [];
}

function certificatesOf(
  {name, host}: MemberArg,
  {attributes}: HostArgs,
  facts: Facts,
  states: States,
): readonly CertificateLayers[] {
  const main = (facts[`${host}:process`] as ProcessFact).main;
  const state = states.get(name);
  return ['ca', ...LEAVES].map(which => {
    const file = `${which}.crt`;
    const disk = facts[`${host}:${file}`] as PathFact;
    const copy = facts[which === 'ca' ? 'controller:ca.crt' : `${host}:controller:${file}`] as PathFact;
    const key = facts[`${host}:${which}.key`] as PathFact | undefined;
    const ownKey = facts[`${host}:controller:${which}.key`] as PathFact | undefined;
    const served = which === 'server' && state?.reachable ? state.served : undefined;
    return {
      file,
      ...viewOf('wanted', copy),
      ...viewOf('disk', disk),
      ...(served === undefined ? {} : {served}),
      isNewerThanProcess:
        which === 'ca' && main !== undefined && disk.exists && disk.mtime > main.startedAt + SLACK_SECONDS,
      keyDiffers: ownKey?.exists === true && !(key?.exists === true && key.sha256 === ownKey.sha256),
      attributes: [...drift(disk, attributes.certificate), ...(key === undefined ? [] : drift(key, attributes.key))],
    };
  });
}

function viewOf<K extends string>(key: K, fact: PathFact): {readonly [N in K]?: CertificateView} {
  const view = certificateView(fact);
  return (view === undefined ? {} : {[key]: view}) as {readonly [N in K]?: CertificateView};
}

/** The first certificate of a file; undefined where there is none that can be read. */
function certificateView(fact: PathFact): CertificateView | undefined {
  const certificates = fact.exists && fact.text !== undefined ? readCertificates(fact.text) : undefined;
  if (!certificates?.ok) return undefined;
  const [first] = certificates.value;
  return {fingerprint256: first.fingerprint256, notAfterMs: Date.parse(first.validTo)};
}

function liveOf(member: MemberArg, states: States): HostLayers['live'] {
  const state = states.get(member.name);
  if (!state?.reachable) return undefined;
  const row = memberListOf(states).find(({id}) => id === state.memberId);
  return {version: state.version, ...(row === undefined ? {} : {peerUrls: row.peerUrls, clientUrls: row.clientUrls})};
}

/** A row of the table: what the member says, and what its host shows. */
export function statusOf(member: MemberArg, states: States, facts: Facts): MemberStatus {
  const unit = processOf(member, facts)?.unit;
  const files = ['ca.crt', ...LEAVES.map(leaf => `${leaf}.crt`)];
  return {
    name: member.name,
    host: member.host,
    state: states.get(member.name) as EtcdFact,
    certificates: files.flatMap(file => endOf(file, facts[`${member.host}:${file}`] as PathFact | undefined)),
    ...(unit === undefined ? {} : {unit: unit.sub === '' ? unit.active : `${unit.active} (${unit.sub})`}),
  };
}

/** The end of the client certificate with which the controller asks the members. */
export function adminEnds(facts: Facts): readonly CertificateEnd[] {
  return endOf(`${ADMIN}.crt`, facts[`controller:${ADMIN}.crt`] as PathFact);
}

function endOf(file: string, fact: PathFact | undefined): readonly CertificateEnd[] {
  const view = fact === undefined ? undefined : certificateView(fact);
  return view === undefined ? [] : [{file, ...view}];
}

/** Ansible's INI inventories are not read here: recognised, and answered with the same thing in YAML. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {Result} from '../base/result.ts';
import type {SourceFile} from '../base/source.ts';
import type {YamlNode} from '../base/yaml.ts';

const SECTION = /^\[([\w.-]+)(?::(?:vars|children))?\]\s*(?:[#;].*)?$/;
const HOST = /^([\w.-]+)((?:\s+[A-Za-z_]\w*=\S+)+)\s*$/;

/** E_INVENTORY_INI where a text is no YAML mapping but has INI's sections or host lines; undefined otherwise. */
export function iniProblem(file: SourceFile, parsed: Result<YamlNode>): Diagnostic | undefined {
  if (parsed.ok && parsed.value.kind === 'mapping') return undefined;
  const lines = file.text.split('\n');
  const index = lines.findIndex(line => !/^\s*(?:[#;].*)?$/.test(line));
  const first = (lines[index] ?? '').trim();
  if (!SECTION.test(first) && !HOST.test(first)) return undefined;
  const start = lines.slice(0, index).reduce((sum, line) => sum + line.length + 1, 0);
  return problem('E_INVENTORY_INI', `${file.path} is an INI inventory; only YAML is read here`, {
    at: {file, start, end: start + first.length},
    hint: `write it as YAML: "${yamlFor(lines)}", or convert it: ansible-inventory -i ${file.path} --list --yaml > hosts.yml.`,
  });
}

/** The first host of the file as YAML, in the group that it stands under. */
function yamlFor(lines: readonly string[]): string {
  let group = 'all';
  for (const line of lines.map(text => text.trim())) {
    const section = SECTION.exec(line);
    if (section?.[1] !== undefined) group = section[1];
    const host = /^([\w.-]+)((?:\s+[A-Za-z_]\w*=\S+)*)\s*$/.exec(line);
    if (host?.[1] === undefined || section !== null) continue;
    const variables = (host[2] ?? '')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map(pair => pair.replace('=', ': '));
    return `${group}: { hosts: { ${host[1]}: { ${variables.join(', ')} } } }`.replace('{  }', '{}');
  }
  return 'etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }';
}

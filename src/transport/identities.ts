/** Private keys on the controller: which to try, in which order, and why some cannot be used. */
import {readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {Secret} from '../base/secret.ts';

/** A key file that can be tried. */
export interface Identity {
  readonly path: string;
  readonly text: Secret;
  readonly passphrase: Secret | undefined;
}

/** What the key files of a target gave. */
export interface Identities {
  readonly usable: readonly Identity[];
  /** Public keys (base64 of the wire form) that belong to the named files: `IdentitiesOnly` allows these alone of an ssh-agent. */
  readonly publicKeys: readonly string[];
  /** Why a named file is not tried: "~/.ssh/x: no such file". */
  readonly notes: readonly string[];
}

const DEFAULT_NAMES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** Reads the named files, or ssh's default ones where none is named (of those, only the ones that exist count). */
export function readIdentities(files: readonly string[], home: string, passphrase: Secret | undefined): Identities {
  const named = files.length > 0;
  const paths = named ? files : DEFAULT_NAMES.map(name => join(home, '.ssh', name));
  const usable: Identity[] = [];
  const publicKeys: string[] = [];
  const notes: string[] = [];
  for (const path of paths) {
    const publicKey = readPublicKey(`${path}.pub`);
    if (publicKey !== undefined) publicKeys.push(publicKey);
    const read = readKey(path);
    if (read.problem === undefined) usable.push({path, text: new Secret(read.text), passphrase});
    else if (named || read.problem !== 'no such file') notes.push(`${path}: ${read.problem}`);
  }
  return {usable, publicKeys, notes};
}

type KeyText = {readonly text: string; readonly problem?: undefined} | {readonly problem: string};

function readKey(path: string): KeyText {
  try {
    const mode = statSync(path).mode & 0o777;
    const text = readFileSync(path, 'utf8');
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      return {problem: `others may read it (mode ${mode.toString(8).padStart(4, '0')}): chmod 600 ${path}`};
    }
    if (/^-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/m.test(text)) {
      return {
        problem: `PKCS#8 format, which is not supported: ssh-keygen -p -f ${path} rewrites it in OpenSSH's format`,
      };
    }
    return {text};
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return {problem: code === 'ENOENT' || code === 'ENOTDIR' ? 'no such file' : `cannot be read (${code})`};
  }
}

function readPublicKey(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim().split(/\s+/)[1];
  } catch {
    return undefined;
  }
}

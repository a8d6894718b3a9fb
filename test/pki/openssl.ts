/** The second opinion of the pki tests: OpenSSL's command line, in a directory of its own. */
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** Why the tests with OpenSSL cannot run here; undefined = they can. */
export const opensslMissing = spawnSync('openssl', ['version']).status === 0 ? undefined : 'openssl is not installed';

/** A directory with files for openssl, and openssl itself. */
export class OpensslDir {
  readonly dir = mkdtempSync(join(tmpdir(), 'pki-test-'));

  write(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.dir, name), 'utf8');
  }

  /** Output of `openssl <args>`; throws with its error output on failure. */
  run(...args: readonly string[]): string {
    return execFileSync('openssl', [...args], {cwd: this.dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, {recursive: true});
  }
}

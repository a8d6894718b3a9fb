/** The members as a client knows them: connections, the certificate on disk now, and who is there to be asked. */
import {readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Member} from '../../src/cluster/api.ts';
import type {RigMember} from './records.ts';
import {type ClientFiles, Connection} from './wire.ts';

/** Connections to every member that was named or has been listed since. */
export class Fleet {
  readonly #pkiDir: string;
  readonly #known = new Map<string, {readonly address: string; connection: Connection | undefined}>();
  #files: {readonly stamp: string; readonly bytes: ClientFiles} | undefined;
  #voters: readonly string[] | undefined;

  /** `pkiDir`: `ca.crt`, `admin.crt`, `admin.key`; they may come later, and may be made anew. */
  constructor(members: readonly RigMember[], pkiDir: string) {
    this.#pkiDir = pkiDir;
    for (const {name, address} of members) this.#known.set(name, {address, connection: undefined});
  }

  get names(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** Whom clients ask: the started voters of the list seen last, or everybody as long as there was none. */
  get voters(): readonly string[] {
    return this.#voters ?? this.names;
  }

  /** Takes over a member list: new members become known, and clients leave those that are no longer listed. */
  learn(members: readonly Member[]): void {
    const started = members.filter(({name, clientURLs}) => name !== '' && clientURLs.length > 0);
    for (const {name, clientURLs} of started) {
      const address = clientURLs[0]?.replace(/^https:\/\//, '') ?? '';
      const known = this.#known.get(name);
      if (known?.address === address) continue;
      known?.connection?.close();
      this.#known.set(name, {address, connection: undefined});
    }
    this.#voters = started.filter(({isLearner}) => !isLearner).map(({name}) => name);
  }

  /** The connection to a member; throws where there is no certificate yet. */
  to(name: string): Connection {
    const known = this.#known.get(name);
    if (known === undefined) throw new Error(`${name} is not known`);
    if (this.#files === undefined) throw new Error('no client certificate yet');
    known.connection ??= new Connection(known.address, name, this.#files.bytes);
    return known.connection;
  }

  address(name: string): string {
    return this.#known.get(name)?.address ?? '';
  }

  /** PEM of the client's certificate and key and of the CA, as last read. */
  get files(): ClientFiles | undefined {
    return this.#files?.bytes;
  }

  /** Looks whether certificates have come or changed; changed ones are used for new connections. */
  refresh(): void {
    const paths = ['ca.crt', 'admin.crt', 'admin.key'].map(name => join(this.#pkiDir, name));
    try {
      const stamp = paths.map(path => `${statSync(path).ino} ${statSync(path).mtimeMs}`).join();
      if (this.#files?.stamp === stamp) return;
      const [ca, cert, key] = paths.map(path => readFileSync(path));
      if (ca === undefined || cert === undefined || key === undefined) return;
      this.#files = {stamp, bytes: {ca, cert, key}};
    } catch {
      return; // not there, or just being written
    }
    for (const known of this.#known.values()) {
      const old = known.connection;
      known.connection = undefined;
      if (old !== undefined) setTimeout(() => old.close(), 2000);
    }
  }

  close(): void {
    for (const {connection} of this.#known.values()) connection?.close();
  }
}

/** What a member of a cluster is: as the inventory asks for it, and as it will be. */
import type {Data} from '../base/data.ts';
import type {Location} from '../base/source.ts';

/** A value and the place where the user wrote it. */
export interface Located<T> {
  readonly value: T;
  readonly at?: Location;
}

/** What the inventory says of one host's member. */
export interface MemberInput {
  readonly host: string;
  readonly hostAt?: Location;
  readonly cluster: Located<Data>;
  readonly seq: Located<Data> | undefined;
  readonly name?: Located<Data>;
  readonly address: Located<Data>;
  readonly port: Located<Data>;
  readonly peerPort: Located<Data>;
  /** Failure domain: machines that fail together. */
  readonly zone?: Located<Data>;
  readonly scheme: 'http' | 'https';
}

/** A member as it will be. */
export interface EtcdMember {
  readonly host: string;
  readonly cluster: string;
  /** `<cluster>-<seq>` unless the inventory names it. */
  readonly name: string;
  readonly seq: number;
  readonly address: string;
  readonly port: number;
  readonly peerPort: number;
  readonly peerUrl: string;
  readonly clientUrl: string;
  /** Failure domain (`etcd_zone`); absent where nobody says. */
  readonly zone?: string;
}

/** A member with the input it was read from, for pointing at the right place. */
export interface ReadMember extends EtcdMember {
  readonly input: MemberInput;
}

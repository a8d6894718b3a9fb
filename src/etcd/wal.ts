/**
 * Whose data a data directory holds: the head of a write-ahead log file. Every file of the log begins with a checksum record and
 * a metadata record that names the member and its cluster; both stay the same for the life of the data directory.
 * @see etcd's server/storage/wal/{encoder,decoder}.go (frames), walpb/record.proto, etcdserverpb Metadata {NodeID, ClusterID}
 */

/** Ids of 16 hex digits, or in a few words why the head cannot be read. */
export type WalReading =
  | {readonly ok: true; readonly memberId: string; readonly clusterId: string}
  | {readonly ok: false; readonly reason: string};

/** walpb record types (server/storage/wal/wal.go). */
const METADATA = 1n;
const CRC = 4n;
/** Both records together are under 80 bytes; a frame that claims more is none. */
const MAX_RECORD_BYTES = 96;

/** Reads the first bytes of a log file (64 are enough). Never throws. */
export function readWalHead(bytes: Uint8Array): WalReading {
  if (bytes.length === 0) return no('the log file is empty');
  if (bytes.every(byte => byte === 0)) return no('the log file holds only zeros');
  const first = readFrame(bytes, 0);
  if (first === undefined) return no('the log file does not begin with a record');
  if (first.record.type !== CRC) return no('the log file does not begin with a checksum record');
  const second = readFrame(bytes, first.end);
  if (second === undefined) return no('the log file ends before its metadata');
  const {type, crc, data} = second.record;
  if (type !== METADATA || data === undefined) return no('the second record of the log file is no metadata');
  if (crc32c(data, Number(first.record.crc ?? 0n)) !== Number(crc ?? 0n))
    return no('the metadata of the log file does not have its checksum');
  const ids = readFields(data);
  const memberId = ids?.get(1);
  const clusterId = ids?.get(2);
  if (typeof memberId !== 'bigint' || typeof clusterId !== 'bigint')
    return no('the metadata of the log file has no ids');
  return {ok: true, memberId: hex(memberId), clusterId: hex(clusterId)};
}

function no(reason: string): WalReading {
  return {ok: false, reason};
}

function hex(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

interface WalRecord {
  readonly type: bigint | undefined;
  readonly crc: bigint | undefined;
  readonly data: Uint8Array | undefined;
}

/**
 * A frame: 8 bytes, little endian, of which the lower 7 are the record's length and the highest one, where its first bit is set,
 * the number of padding bytes; then the record and the padding.
 */
function readFrame(bytes: Uint8Array, start: number): {readonly record: WalRecord; readonly end: number} | undefined {
  if (bytes.length < start + 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, 8);
  const length = view.getUint32(0, true);
  const upper = view.getUint32(4, true);
  const flags = upper >>> 24;
  const padding = flags & 0x80 ? flags & 0x07 : 0;
  if ((upper & 0x00ff_ffff) !== 0 || length === 0 || length > MAX_RECORD_BYTES) return undefined;
  const end = start + 8 + length + padding;
  if (end > bytes.length) return undefined;
  const fields = readFields(bytes.subarray(start + 8, start + 8 + length));
  if (fields === undefined) return undefined;
  const [type, crc, data] = [fields.get(1), fields.get(2), fields.get(3)];
  if (type instanceof Uint8Array || crc instanceof Uint8Array || typeof data === 'bigint') return undefined;
  return {record: {type, crc, data}, end};
}

/** Fields of a protobuf message by number: numbers and byte strings are all that occurs here. Undefined where it is none. */
function readFields(bytes: Uint8Array): ReadonlyMap<number, bigint | Uint8Array> | undefined {
  const fields = new Map<number, bigint | Uint8Array>();
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return undefined;
  };
  while (at < bytes.length) {
    const key = varint();
    const value = key === undefined ? undefined : varint();
    if (key === undefined || value === undefined) return undefined;
    const number = Number(key >> 3n);
    const wire = key & 7n;
    if (wire === 0n) {
      fields.set(number, value);
    } else if (wire === 2n && value <= BigInt(bytes.length - at)) {
      fields.set(number, bytes.subarray(at, at + Number(value)));
      at += Number(value);
    } else {
      return undefined;
    }
  }
  return fields;
}

/** CRC-32 with Castagnoli's polynomial, going on from an earlier sum. */
function crc32c(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** Many questions, few requests: paths are asked about together, because on a host each program that starts costs more than its answer. */
import {randomBytes} from 'node:crypto';
import {err, type Result} from '../base/result.ts';
import type {Fact} from '../task/fact.ts';
import type {Probe} from '../task/probe.ts';
import type {Reply} from '../transport/connection.ts';
import {factFromReply, type ReadRequest, requestForProbe} from './host-probe.ts';
import type {Span} from './preflight-probe.ts';

/** One request and the questions that its reply answers. */
export interface Bundle {
  readonly request: ReadRequest;
  read(reply: Reply, span?: Span): readonly {readonly probe: Probe; readonly fact: Result<Fact, string>}[];
}

type PathProbe = Extract<Probe, {kind: 'path'}>;

const MAX_PATHS = 64;
/** A reply holds 8 MiB at most, a text 1 MiB. */
const MAX_TEXTS = 7;

/** The requests for a list of questions, in any order. */
export function bundle(probes: readonly Probe[]): Bundle[] {
  const paths = probes.filter(probe => probe.kind === 'path');
  const others = probes.filter(probe => probe.kind !== 'path');
  return [
    ...chunksOf(paths).map(chunk => (chunk.length === 1 ? single(chunk[0] as Probe) : together(chunk))),
    ...others.map(single),
  ];
}

function chunksOf(probes: readonly PathProbe[]): PathProbe[][] {
  const chunks: PathProbe[][] = [];
  for (const probe of probes) {
    const open = chunks.at(-1);
    const texts = open?.filter(({content}) => content === 'text').length ?? 0;
    const isFull = open === undefined || open.length >= MAX_PATHS || (probe.content === 'text' && texts >= MAX_TEXTS);
    if (isFull) chunks.push([probe]);
    else open.push(probe);
  }
  return chunks;
}

function single(probe: Probe): Bundle {
  const request = requestForProbe(probe);
  if (request === undefined) throw new Error(`Internal error: ${probe.kind} is not a question for a host`);
  return {request, read: (reply, span) => [{probe, fact: factFromReply(probe, reply, span)}]};
}

/** Answers to many paths stand one after the other, each ended by a word that no file can hold: it is made anew each time. */
function together(probes: readonly PathProbe[]): Bundle {
  const separator = randomBytes(16).toString('hex');
  const args = [separator, ...probes.flatMap(({path, content}) => [path, content ?? 'none'])];
  return {
    request: {verb: 'stats', args},
    read: reply => {
      const answers = split(reply.stdout, separator);
      return probes.map((probe, index) => {
        const answer = answers[index];
        if (reply.rc !== 0 || answer === undefined)
          return {probe, fact: err(reply.stderr.trim().slice(-500) || 'the host did not answer')};
        return {probe, fact: factFromReply(probe, {...reply, rc: answer.rc, stdout: answer.stdout})};
      });
    },
  };
}

function split(stdout: Buffer, separator: string): {readonly stdout: Buffer; readonly rc: number}[] {
  const answers: {stdout: Buffer; rc: number}[] = [];
  const mark = Buffer.from(`\n${separator} `);
  for (let start = 0; ; ) {
    const end = stdout.indexOf(mark, start);
    const lineEnd = end === -1 ? -1 : stdout.indexOf('\n', end + mark.length);
    if (lineEnd === -1) return answers;
    answers.push({
      stdout: stdout.subarray(start, end),
      rc: Number(stdout.toString('latin1', end + mark.length, lineEnd)),
    });
    start = lineEnd + 1;
  }
}

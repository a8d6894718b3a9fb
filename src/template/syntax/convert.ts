/** Turns the few nodes that are nunjucks's own (lists, output, text, `if`) into ours. */
import type {ParserNode} from 'nunjucks/src/parser.js';
import type {Expression, Statement} from './nodes.ts';

/** The statements of a node list. */
export function convertBody(node: ParserNode): readonly Statement[] {
  return (node.children ?? []).flatMap(convertChild);
}

function convertChild(child: unknown): readonly Statement[] {
  if (isParserNode(child)) return convertNode(child);
  return [child as Statement];
}

function convertNode(node: ParserNode): readonly Statement[] {
  switch (node.typename) {
    case 'Output':
      return (node.children ?? []).map(part =>
        isParserNode(part) ? {kind: 'text', text: String(part.value)} : {kind: 'output', value: part as Expression},
      );
    case 'If':
      return [
        {
          kind: 'branch',
          condition: node.cond as Expression,
          body: convertPart(node.body),
          otherwise: convertPart(node.else_),
        },
      ];
    default:
      return convertBody(node);
  }
}

/** The body of a branch: a node list, another `if` (from `elif`), or nothing. */
function convertPart(part: unknown): readonly Statement[] {
  return part === null || part === undefined ? [] : convertChild(part);
}

function isParserNode(value: unknown): value is ParserNode {
  return typeof value === 'object' && value !== null && 'typename' in value;
}

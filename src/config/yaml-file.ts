import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import type { Problem } from './problems.ts';

/** A YAML text as plain values, and where each of them is written. */
export interface YamlFile {
  /** Undefined when the text is not YAML: then nothing can be said about its keys. */
  readonly tree: unknown;
  readonly problems: readonly Problem[];
  /** `file:line` of what this path leads to, or of the nearest thing around it. */
  at(path: readonly (string | number)[]): string;
}

/** Every alias of an anchor may hold others: ten a line, nine lines deep, is a billion values. */
const MOST_ALIASES = 100;

/** Parses YAML 1.2. Syntax errors, keys that stand twice and tags are problems, each with its line; it never throws. */
export function parseYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const lineAt = (offset: number) => `${file}:${lines.linePos(offset).line}`;
  // With logLevel `silent` a second document in the file would be no error.
  const document = parseDocument(text, {
    lineCounter: lines,
    logLevel: 'error',
    prettyErrors: false,
    resolveKnownTags: false,
    stringKeys: true,
  });
  const problems = [...document.errors, ...document.warnings].map((error) => asProblem(error, lineAt(error.pos[0])));
  const at = (path: readonly (string | number)[]) => lineAt(offsetOf(document, path));
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return { tree: undefined, problems, at };
  try {
    return { tree: document.toJS({ maxAliasCount: MOST_ALIASES }), problems, at };
  } catch (error) {
    const found = `aliases that cannot be resolved (${String(error)})`;
    problems.push({ where: file, key: null, found, expected: 'each value written out' });
    return { tree: undefined, problems, at };
  }
}

function asProblem(error: YAMLError, where: string): Problem {
  if (error.code === 'DUPLICATE_KEY') {
    return { where, key: null, found: 'a key that stands here a second time', expected: 'each key once' };
  }
  return { where, key: null, found: `what is not plain YAML (${error.message})`, expected: '`key: value` lines' };
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = document.range[0];
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (isScalar(pair?.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair?.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    }
  }
  return offset;
}

import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { Composer, type Document, isScalar, Lexer, LineCounter, type ParsedNode, Parser } from "yaml";
import type { Position } from "./file-problem.ts";
import type { FileLimits } from "./limits.ts";
import { KUBERNETES_SCALARS } from "./yaml-scalars.ts";
import { ManifestSyntaxError, syntaxError } from "./yaml-syntax.ts";

/** The documents of one file, in order, and where each offset in it is. */
export type YamlDocuments = {
  readonly roots: readonly ParsedNode[];
  readonly positionOf: (offset: number) => Position;
};

/** The documents, or the first syntax error. */
export type YamlReading =
  | { readonly ok: true; readonly documents: YamlDocuments }
  | { readonly ok: false; readonly error: ManifestSyntaxError; readonly at: Position };

const COMPOSER_OPTIONS: ConstructorParameters<typeof Composer>[0] = {
  version: "1.1",
  schema: "failsafe",
  customTags: (tags) => [...tags, "null", "merge", ...KUBERNETES_SCALARS],
  strict: true,
  logLevel: "silent",
  prettyErrors: false,
  // Duplicates are found by toPlain: the parser's own search takes quadratic time.
  uniqueKeys: false,
};

const lexemesPerSlice = 500;
// A level of a block collection takes two places on the parser's stack.
const stackPerLevel = 2;

/**
 * Reads YAML (and so JSON) one document after another, giving way to other work in between, so that a large file does not
 * hold up live traffic. Empty documents are left out. Never throws for what the text holds.
 */
export async function parseYaml(text: string, limits: FileLimits): Promise<YamlReading> {
  const lines = new LineCounter();
  const roots: ParsedNode[] = [];
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    for await (const document of compose(text, lines, limits)) {
      rejectErrors(document);
      if (!isEmpty(document.contents)) roots.push(document.contents);
      if (roots.length > limits.objectsPerFile) throw tooManyObjects(document.range[0], limits);
    }
    return { ok: true, documents: { roots, positionOf } };
  } catch (error) {
    if (!(error instanceof ManifestSyntaxError)) throw error;
    return { ok: false, error, at: positionOf(error.offset) };
  }
}

/** A file has more objects or documents than one file may. */
export function tooManyObjects(offset: number, limits: FileLimits): ManifestSyntaxError {
  return new ManifestSyntaxError(offset, {
    message: "the file holds too many objects",
    expected: `at most ${limits.objectsPerFile} in one file`,
  });
}

async function* compose(text: string, lines: LineCounter, limits: FileLimits): AsyncGenerator<Document.Parsed> {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer(COMPOSER_OPTIONS);
  lines.addNewLine(0);
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) yield* composer.next(token);
    if (parser.stack.length > limits.nesting * stackPerLevel + 1)
      throw syntaxError("RESOURCE_EXHAUSTION", parser.offset);
    lexemes += 1;
    if (lexemes % lexemesPerSlice === 0) await yieldToEventLoop();
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end(false, text.length);
}

function isEmpty(contents: ParsedNode | null): contents is null {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function rejectErrors(document: Document.Parsed): void {
  const [error] = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (error !== undefined) throw syntaxError(error.code, error.pos[0]);
}

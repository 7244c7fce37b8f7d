import type { ErrorCode } from "yaml";

type Sentence = { readonly message: string; readonly expected: string };

/**
 * What each kind of syntax error is called. The parser's own sentences quote the file, which may hold a Secret: they are
 * never used.
 */
const SENTENCES: Readonly<Record<ErrorCode, Sentence>> = {
  ALIAS_PROPS: { message: "an alias has an anchor or a tag", expected: "an alias alone" },
  BAD_ALIAS: { message: "an alias or anchor has no usable name", expected: "a name after & or *" },
  BAD_COLLECTION_TYPE: { message: "a tag does not fit what it stands before", expected: "no tag" },
  BAD_DIRECTIVE: { message: "a % directive is malformed", expected: "%YAML 1.1, or none" },
  BAD_DQ_ESCAPE: {
    message: "a double-quoted string has an unknown escape",
    expected: "an escape of YAML, or single quotes",
  },
  BAD_INDENT: { message: "the indentation does not fit", expected: "the indentation of the lines around it" },
  BAD_PROP_ORDER: { message: "an anchor or tag is in the wrong place", expected: "it right before its value" },
  BAD_SCALAR_START: { message: "a plain value starts with a reserved character", expected: "quotes around the value" },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a mapping starts inside a plain value",
    expected: "quotes around the value, or a new line",
  },
  BLOCK_IN_FLOW: { message: "a block collection is inside brackets", expected: "brackets all the way down" },
  DUPLICATE_KEY: { message: "a key is written twice", expected: "each key once" },
  IMPOSSIBLE: { message: "the text cannot be read as YAML", expected: "YAML" },
  KEY_OVER_1024_CHARS: { message: "a key is longer than 1024 characters", expected: "a shorter key" },
  MISSING_CHAR: { message: "a character is missing", expected: "a closing quote or bracket, a colon, or a space" },
  MULTILINE_IMPLICIT_KEY: { message: "a key spans several lines", expected: "a key on one line" },
  MULTIPLE_ANCHORS: { message: "a value has several anchors", expected: "one anchor" },
  MULTIPLE_DOCS: { message: "there are several documents where one is read", expected: "one document" },
  MULTIPLE_TAGS: { message: "a value has several tags", expected: "one tag" },
  NON_STRING_KEY: { message: "a key is no string", expected: "a string" },
  RESOURCE_EXHAUSTION: { message: "the collections are nested too deeply", expected: "fewer levels" },
  TAB_AS_INDENT: { message: "a tab is used as indentation", expected: "spaces" },
  TAG_RESOLVE_FAILED: { message: "a YAML tag cannot be read", expected: "no tag" },
  UNEXPECTED_TOKEN: { message: "something unexpected stands here", expected: "a key, a value or the end of the line" },
};

/** A file cannot be read from here on. Its message quotes nothing of the file. */
export class ManifestSyntaxError extends Error {
  override readonly name = "ManifestSyntaxError";
  readonly offset: number;
  readonly expected: string;

  constructor(offset: number, sentence: Sentence) {
    super(sentence.message);
    this.offset = offset;
    this.expected = sentence.expected;
  }
}

/** The error that the YAML parser found at an offset, in our words. */
export function syntaxError(code: ErrorCode, offset: number): ManifestSyntaxError {
  return new ManifestSyntaxError(offset, SENTENCES[code]);
}

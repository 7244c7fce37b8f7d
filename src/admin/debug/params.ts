import { type ParsedValue, parseChoice, parseInteger } from "../../config/parse-values.ts";

/** A parameter of a page's query. The reference is made from these. */
export type Param = {
  readonly name: string;
  /** How a value is written: `DURATION`, `COUNT`. */
  readonly form: string;
  readonly meaning: string;
  readonly default: string | null;
  /** Every value that there is; empty where the value is free. */
  readonly values: readonly string[];
  /** Judges a value; what it means is read by `valueOf`. */
  readonly parse: (text: string) => ParsedValue<unknown>;
};

/** The values of a query by name, each as its parameter understood it. */
export type ParamValues = ReadonlyMap<string, unknown>;

/** The query's values, with defaults; or one sentence about the first mistake. */
export function readParams(
  query: URLSearchParams,
  params: readonly Param[],
): { readonly ok: true; readonly values: ParamValues } | { readonly ok: false; readonly error: string } {
  const values = new Map<string, unknown>();
  const names = new Set<string>();
  const twice = [...query.keys()].find((name) => names.size === names.add(name).size);
  if (twice !== undefined) return { ok: false, error: `parameter ${quote(twice)}: expected once` };
  for (const [name, text] of [...defaultsOf(params), ...query]) {
    const param = params.find((each) => each.name === name);
    if (param === undefined) return { ok: false, error: `unknown parameter ${quote(name)}: ${expectedNames(params)}` };
    const parsed = param.parse(text);
    if (!parsed.ok) return { ok: false, error: `parameter ${name}, ${quote(text)}: expected ${parsed.expected}` };
    values.set(name, parsed.value);
  }
  return { ok: true, values };
}

function defaultsOf(params: readonly Param[]): readonly (readonly [string, string])[] {
  return params.flatMap((param) => (param.default === null ? [] : [[param.name, param.default] as const]));
}

function expectedNames(params: readonly Param[]): string {
  return params.length === 0 ? "expected none" : `expected one of ${params.map(({ name }) => name).join(", ")}`;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

/** A parameter that is one of some words. */
export function choice(name: string, words: readonly string[], meaning: string, usual: string | null = null): Param {
  return {
    name,
    form: "WORD",
    meaning,
    default: usual,
    values: words,
    parse: (text) => parseChoice(text, words),
  };
}

/** A parameter that is a whole number. */
export function count(
  name: string,
  meaning: string,
  { usual, least, most }: { readonly usual: number; readonly least: number; readonly most: number },
): Param {
  const parse = (text: string): ParsedValue<number> => parseInteger(text, least, most);
  return { name, form: "COUNT", meaning, default: String(usual), values: [], parse };
}

/** A parameter whose absence asks for everything. */
export function filter(
  name: string,
  form: string,
  meaning: string,
  parse: (text: string) => ParsedValue<unknown> = parseText,
): Param {
  return { name, form, meaning, default: null, values: [], parse };
}

/** Any text that can name something. */
function parseText(text: string): ParsedValue<string> {
  return text === "" ? { ok: false, expected: "a name" } : { ok: true, value: text };
}

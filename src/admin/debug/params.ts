import type { ParsedValue } from "../../config/parse-values.ts";

/** A parameter of a page's query. The reference is made from these. */
export type Param = {
  readonly name: string;
  readonly meaning: string;
  readonly default: string | null;
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

/** Any text that can name something. */
export function parseText(text: string): ParsedValue<string> {
  return text === "" ? { ok: false, expected: "a name" } : { ok: true, value: text };
}

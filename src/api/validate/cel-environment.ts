import { Environment } from "@marcbachmann/cel-js";
import { RE2JS } from "re2js";

/** A compiled rule: the verdict on `self`. Throws what the evaluation throws, such as a malformed duration. */
export type CelProgram = (self: unknown) => boolean;

/** Compiles one rule. Throws if it does not parse. */
export type CompileCel = (rule: string) => CelProgram;

/** A CEL environment with Kubernetes' meaning of `matches`: RE2, found anywhere in the string. */
export function createCelCompiler(): CompileCel {
  const search = createSearch();
  const environment = new Environment({ limits: { maxAstNodes: 2000 } });
  environment.registerVariable("self", "dyn");
  environment.registerFunction(`string.${re2Name}(string): bool`, search);
  return (rule) => {
    const program = environment.parse(renameMatches(rule, environment.parse(rule).ast));
    return (self) => program({ self }) === true;
  };
}

/** cel-js's own `matches` runs on RegExp and cannot be overridden, so that calls of it are sent to another name. */
const re2Name = "matchesRe2";

function renameMatches(rule: string, ast: unknown): string {
  const ends = matchesCalls(ast).sort((one, other) => other - one);
  return ends.reduce((text, end) => {
    const at = text.indexOf("matches", end);
    return `${text.slice(0, at)}${re2Name}${text.slice(at + "matches".length)}`;
  }, rule);
}

/** Where the receivers of calls of `matches` end in the text; only blanks, `)` and `.` are between that and the name. */
function matchesCalls(node: unknown): number[] {
  if (Array.isArray(node)) return node.flatMap(matchesCalls);
  if (!isNode(node)) return [];
  const below = matchesCalls(node.args);
  if (node.op !== "rcall" || !Array.isArray(node.args)) return below;
  const [method, receiver] = node.args as readonly unknown[];
  return method === "matches" && isNode(receiver) ? [receiver.end, ...below] : below;
}

type CelNode = { readonly op: string; readonly args: unknown; readonly end: number };

function isNode(value: unknown): value is CelNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value && "end" in value;
}

const cachedPatterns = 64;

function createSearch(): (text: string, pattern: string) => boolean {
  const compiled = new Map<string, RE2JS>();
  return (text, pattern) => {
    let expression = compiled.get(pattern);
    if (expression === undefined) {
      expression = RE2JS.compile(pattern);
      if (compiled.size >= cachedPatterns) compiled.clear();
      compiled.set(pattern, expression);
    }
    return expression.test(text);
  };
}

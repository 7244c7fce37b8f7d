import { Environment } from "@marcbachmann/cel-js";
import { RE2JS } from "re2js";
import { estimatePatternSize, MAX_ESTIMATED_SIZE } from "../../base/pattern-size.ts";

/** A compiled rule: the verdict on `self`. Throws what the evaluation throws, such as a malformed duration. */
export type CelProgram = (self: unknown) => boolean;

/** Compiles rules, and bounds what evaluating them may cost. */
export type CelCompiler = {
  /** Compiles one rule. Throws if it does not parse. */
  readonly compile: (rule: string) => CelProgram;
  /** Call it before each object: patterns in values count against a budget, as an API server's cost limit has it. */
  readonly renewBudget: () => void;
};

/** Patterns in values of one object that are compiled; a host may not have half as many, so that translation refuses more. */
const patternsPerObject = 64;

/** cel-js's own `matches` runs on RegExp and cannot be overridden, so that calls of it are sent to other names. */
const names = { literal: "matchesLiteral", value: "matchesValue" } as const;

/** A CEL environment with Kubernetes' meaning of `matches`: RE2, found anywhere in the string. */
export function createCelCompiler(): CelCompiler {
  let budget = patternsPerObject;
  const environment = new Environment({ limits: { maxAstNodes: 2000 } });
  environment.registerVariable("self", "dyn");
  environment.registerFunction(`string.${names.literal}(string): bool`, createLiteralSearch());
  environment.registerFunction(`string.${names.value}(string): bool`, (text: string, pattern: string) => {
    budget -= 1;
    return budget >= 0 && estimatePatternSize(pattern) <= MAX_ESTIMATED_SIZE && RE2JS.compile(pattern).test(text);
  });
  return {
    compile: (rule) => {
      const program = environment.parse(renameMatches(rule, environment.parse(rule).ast));
      return (self) => program({ self }) === true;
    },
    renewBudget: () => {
      budget = patternsPerObject;
    },
  };
}

function createLiteralSearch(): (text: string, pattern: string) => boolean {
  const compiled = new Map<string, RE2JS>();
  return (text, pattern) => {
    const expression = compiled.get(pattern) ?? RE2JS.compile(pattern);
    compiled.set(pattern, expression);
    return expression.test(text);
  };
}

/** A call of `matches`: where its receiver ends in the text, and whether its pattern is written in the rule. */
type MatchesCall = { readonly end: number; readonly name: string };

function renameMatches(rule: string, ast: unknown): string {
  const calls = matchesCalls(ast).sort((one, other) => other.end - one.end);
  return calls.reduce((text, { end, name }) => {
    // Only blanks, `)` and `.` are between a receiver and the name.
    const at = text.indexOf("matches", end);
    return `${text.slice(0, at)}${name}${text.slice(at + "matches".length)}`;
  }, rule);
}

function matchesCalls(node: unknown): MatchesCall[] {
  if (Array.isArray(node)) return node.flatMap(matchesCalls);
  if (!isNode(node)) return [];
  const below = matchesCalls(node.args);
  if (node.op !== "rcall" || !Array.isArray(node.args)) return below;
  const [method, receiver, given] = node.args as readonly unknown[];
  if (method !== "matches" || !isNode(receiver)) return below;
  const isLiteral = Array.isArray(given) && isNode(given[0]) && given[0].op === "value";
  return [{ end: receiver.end, name: isLiteral ? names.literal : names.value }, ...below];
}

type CelNode = { readonly op: string; readonly args: unknown; readonly end: number };

function isNode(value: unknown): value is CelNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value && "end" in value;
}

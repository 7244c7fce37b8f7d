import { apiVersionsOf, KINDS, type KindName } from "../kinds.ts";
import { WEB_SOCKET_ROUTE_SCHEMA } from "../websocket-route-schema.ts";
import { createCelCompiler } from "./cel-environment.ts";
import { endpointSliceRules } from "./core/endpoint-slice.ts";
import { ingressRules } from "./core/ingress.ts";
import { ingressClassRules } from "./core/ingress-class.ts";
import type { KindRules } from "./core/kind-rules.ts";
import { REFERENCE_GRANT_SCHEMA } from "./core/reference-grant.ts";
import { secretRules } from "./core/secret.ts";
import { serviceRules } from "./core/service.ts";
import { compileCustomResource, type Judged } from "./custom-resource.ts";
import { type Dictionary, isDictionary } from "./defaults.ts";
import { describeProblem, type FieldProblem } from "./field-problem.ts";
import { judgeMetadata, METADATA } from "./metadata.ts";
import { dnsSubdomain, type NameCheck } from "./names.ts";
import { decode, fields } from "./shape.ts";
import type { CreateValidator, ValidatorOptions, ViewObject } from "./validator.ts";

/** More than anybody reads; what a hostile file can make of it stays bounded. */
const maxProblems = 100;

type Judge = (object: Dictionary) => Judged;

/** Compiles the schemas and rules of every kind once; make one a process and pass it on. Throws if a schema is broken. */
export const createValidator: CreateValidator = (options) => {
  const judges = createJudges(options);
  return (kind, written) => {
    if (!isDictionary(written)) {
      return { ok: false, problems: [describeProblem([], "Invalid value", "must be of type object", written)] };
    }
    const { object, problems } = judges[kind](written);
    if (problems.length > 0) return { ok: false, problems: problems.slice(0, maxProblems) };
    return { ok: true, object: object as ViewObject };
  };
};

function createJudges(options: ValidatorOptions): Readonly<Record<KindName, Judge>> {
  const compiler = createCelCompiler();
  return {
    WebSocketRoute: customJudge("WebSocketRoute", compileCustomResource(WEB_SOCKET_ROUTE_SCHEMA, compiler)),
    ReferenceGrant: customJudge("ReferenceGrant", compileCustomResource(REFERENCE_GRANT_SCHEMA, compiler)),
    Ingress: coreJudge("Ingress", ingressRules, options),
    IngressClass: coreJudge("IngressClass", ingressClassRules, options),
    Service: coreJudge("Service", serviceRules, options),
    EndpointSlice: coreJudge("EndpointSlice", endpointSliceRules, options),
    Secret: coreJudge("Secret", secretRules, options),
  };
}

function customJudge(kind: KindName, judge: (object: unknown) => Judged): Judge {
  return (written) => {
    const metadata = readMetadata(written, kind, dnsSubdomain);
    const { object, problems } = judge({ ...written, metadata: metadata.object });
    return { object, problems: [...judgeType(written, kind), ...metadata.problems, ...problems] };
  };
}

/** Decoding comes first and alone: a server that cannot decode an object does not look at its values. */
function coreJudge<Kind>(kind: KindName, rules: KindRules<Kind>, options: ValidatorOptions): Judge {
  const shape = fields({ ...rules.shape, apiVersion: "string", kind: "string", metadata: "any" });
  return (written) => {
    const found: FieldProblem[] = [];
    const metadata = readMetadata(written, kind, rules.checkName);
    const decoded = decode({ ...written, metadata: metadata.object }, shape, [], found);
    const undecoded = options.unknownFields === "refuse" ? found : found.filter(({ type }) => type !== "Unknown field");
    const early = [...judgeType(written, kind), ...metadata.problems, ...undecoded];
    if (undecoded.length > 0 || !metadata.decoded) return { object: decoded, problems: early };
    const complete = rules.complete?.(decoded as Kind) ?? (decoded as Kind);
    return { object: complete, problems: [...early, ...rules.judge(complete, options)] };
  };
}

type ReadMetadata = Judged & { readonly decoded: boolean };

function readMetadata(written: Dictionary, kind: KindName, checkName: NameCheck): ReadMetadata {
  const undecoded: FieldProblem[] = [];
  const object = decode(written["metadata"] ?? {}, METADATA, ["metadata"], undecoded);
  if (undecoded.length > 0) return { object, problems: undecoded, decoded: false };
  return { object, problems: judgeMetadata(object as Dictionary, checkName, rowOf(kind).namespaced), decoded: true };
}

function judgeType(written: Dictionary, kind: KindName): readonly FieldProblem[] {
  const row = rowOf(kind);
  const versions = apiVersionsOf(row);
  return [
    ...judgeConstant(written["apiVersion"], versions, "apiVersion"),
    ...judgeConstant(written["kind"], [row.kind], "kind"),
  ];
}

function judgeConstant(value: unknown, supported: readonly string[], field: string): readonly FieldProblem[] {
  if (value === undefined) return [describeProblem([field], "Required value", "")];
  if (typeof value === "string" && supported.includes(value)) return [];
  const detail = `supported values: ${supported.map((each) => JSON.stringify(each)).join(", ")}`;
  return [describeProblem([field], "Unsupported value", detail, value)];
}

function rowOf(kind: KindName): (typeof KINDS)[number] {
  const row = KINDS.find((each) => each.kind === kind);
  if (row === undefined) throw new Error(`${kind} is not a row of KINDS`);
  return row;
}

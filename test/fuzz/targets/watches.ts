import { ok } from "node:assert/strict";
import { KINDS } from "../../../src/api/kinds.ts";
import { createValidator } from "../../../src/api/validate/create-validator.ts";
import { finish } from "../../../src/base/work.ts";
import { ApiFailure } from "../../../src/kube/api-failure.ts";
import { createJudge } from "../../../src/kube/judge-object.ts";
import type { KindReader } from "../../../src/kube/kind-reader.ts";
import { createObjectSet, type ObjectSet } from "../../../src/kube/object-set.ts";
import { type RawEvent, readEvent } from "../../../src/kube/raw-object.ts";
import { createViewBuilder } from "../../../src/kube/view-builder.ts";
import { createTranslator } from "../../../src/translate/translator.ts";
import { ingress, route, rule, service, slice, tlsSecret } from "../../harness/manifests.ts";
import { bookmarkLine, errorLine, lineOf } from "../../kube/fake-api-server.ts";
import { type ClusterObject, createFakeCluster } from "../../kube/fake-cluster.ts";
import { CLUSTER_OPTIONS } from "../../translate/golden/read-input.ts";
import type { Target } from "../target.ts";

const OBJECTS: readonly ClusterObject[] = [
  route("chat", [rule("all", "/chat", ["echo"])], { hostnames: ["chat.example.com"] }),
  ingress("web", "web.example.com", "echo", { tls: { tls: ["web.example.com"] } }),
  service("echo", null),
  slice("echo", 9001, [{ addresses: ["10.0.0.1"] }]),
  tlsSecret("tls", { chain: "chain", key: "key" }),
];

/** Each object as it is told when it comes, changes and goes, with what a watch says in between. */
function writeSeeds(): readonly Uint8Array[] {
  return OBJECTS.map((written) => {
    const index = KINDS.findIndex(({ kind }) => kind === written.kind);
    const cluster = createFakeCluster();
    const object = cluster.put(written);
    const changed = cluster.put({ ...written, metadata: { ...written.metadata, labels: { a: "b" } } });
    const lines = [
      lineOf({ type: "ADDED", object }),
      lineOf({ type: "MODIFIED", object: changed }),
      bookmarkLine(cluster.version()),
      lineOf({ type: "DELETED", object: changed }),
      errorLine(410, "Expired"),
    ];
    return new Uint8Array(Buffer.from(`${index}${lines.join("")}`));
  });
}

/** What an API server may say in a watch: a line is taken or refused as a whole, and whatever is taken can be translated. */
export const watches: Target = {
  name: "watches",
  seeds: writeSeeds,
  dictionary: [
    "\n",
    "null",
    "[]",
    "{}",
    '""',
    "-1",
    "1e400",
    '"__proto__":{"a":1}',
    '"constructor":1,',
    '"metadata":null',
    '"resourceVersion":"99999999999999999999999999999999999999"',
    '"labels":[1]',
    '"annotations":{"a":1}',
    '"spec":[]',
    '"type":"ERROR"',
    '"type":"BOOKMARK"',
    "\\u0000",
    "\\ud800",
  ],
  maxBytes: 8_192,
  lanes: 1,
  open: async () => {
    const validate = createValidator({ allowLoopback: false, unknownFields: "ignore" });
    const rows = KINDS.map((row) => ({ row, judge: createJudge(row, validate) }));
    return await Promise.resolve({
      judge: async (input) => {
        const text = Buffer.from(input).toString("utf8");
        const readers: readonly KindReader[] = rows.map(({ row, judge }) => ({
          row,
          sets: [createObjectSet(judge, () => {})],
          reflectors: [],
        }));
        const [set] = (readers[Number(text.charAt(0))] ?? readers[0])?.sets ?? [];
        if (set === undefined) return;
        for (const line of text.slice(1).split("\n")) take(line, set);
        const view = createViewBuilder(readers).view();
        const translator = createTranslator(CLUSTER_OPTIONS);
        finish(translator.translateEndpoints(view, finish(translator.translateRoutes(view))));
        await Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  },
};

function take(line: string, set: ObjectSet): void {
  let event: RawEvent;
  try {
    event = readEvent(line);
  } catch (error) {
    ok(error instanceof ApiFailure, `a line is refused with ${String(error)}`);
    return;
  }
  if (event.type === "bookmark") set.passed(event.version);
  else if (event.type === "put") set.put(event.object);
  else set.remove(event.object);
}

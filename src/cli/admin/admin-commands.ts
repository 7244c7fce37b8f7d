import { CONNECTION_PARAMS } from "../../admin/debug/connection-filter.ts";
import { CUT_PARAMS } from "../../admin/debug/cut-connection.ts";
import { PROBLEM_PARAMS } from "../../admin/debug/problems-page.ts";
import { TABLE_PARAMS } from "../../admin/debug/table-params.ts";
import type { CommandRow } from "../command.ts";
import { ADMIN_FLAGS, flagsOfParams } from "./admin-flags.ts";

const FORMATS = ["human", "json", "yaml"] as const;

const WHOM =
  "Asks the admin address of one replica; in a cluster, `kubectl port-forward` of its Pod brings it here. docs/reference/debug.md says what each member of the answer means.";

/** The commands that ask a replica what it does at this moment. */
export const ADMIN_COMMANDS: readonly CommandRow[] = [
  {
    name: "connections",
    summary: "List the WebSockets that are open on a replica.",
    details: [WHOM, "Of two numbers with a slash between, the first is from the client."],
    operands: [],
    flags: [...ADMIN_FLAGS, ...flagsOfParams(CONNECTION_PARAMS)],
    defaults: {},
    formats: FORMATS,
    examples: [
      "fairlead connections",
      "fairlead connections --namespace shop --route chat --sort queued --limit 10",
      "fairlead connections --client 10.1.0.0/16 --min-quiet 10m -o json",
    ],
    failure: "The replica cannot be asked, or refuses to answer.",
    run: async (...all) => (await import("./run-connections.ts")).runConnections(...all),
  },
  {
    name: "cut",
    summary: "End one WebSocket of a replica, and say how it ended.",
    details: [WHOM, "The client is told 1001; the access log names the cause `admin`, and the log who asked."],
    operands: [
      {
        name: "ID",
        meaning: "The id that `fairlead connections` lists.",
        required: true,
        variadic: false,
        values: [],
      },
    ],
    flags: [...ADMIN_FLAGS, ...flagsOfParams(CUT_PARAMS)],
    defaults: {},
    formats: FORMATS,
    examples: ["fairlead cut 17", "fairlead cut 17 --how reset"],
    failure: "There is no such connection, it has not ended within its close timeout, or the replica cannot be asked.",
    run: async (...all) => (await import("./run-cut.ts")).runCut(...all),
  },
  {
    name: "table",
    summary: "Print the tables that a replica goes by: routes, endpoints, certificates.",
    details: [WHOM, "What decides about one host: --host. `fairlead translate` prints what manifests would become."],
    operands: [],
    flags: [...ADMIN_FLAGS, ...flagsOfParams(TABLE_PARAMS)],
    defaults: {},
    formats: FORMATS,
    examples: ["fairlead table --host chat.example.com", "fairlead table --part certificates -o yaml"],
    failure: "The replica cannot be asked, or refuses to answer.",
    run: async (...all) => (await import("./run-table.ts")).runTable(...all),
  },
  {
    name: "problems",
    summary: "Say what a replica finds wrong in the objects that it reads.",
    details: [WHOM, "`fairlead lint` says more of manifests, before a replica reads them."],
    operands: [],
    flags: [...ADMIN_FLAGS, ...flagsOfParams(PROBLEM_PARAMS)],
    defaults: {},
    formats: FORMATS,
    examples: ["fairlead problems", "fairlead problems --namespace shop --kind WebSocketRoute"],
    failure: "There is a problem that matches, or the replica cannot be asked.",
    run: async (...all) => (await import("./run-problems.ts")).runProblems(...all),
  },
];

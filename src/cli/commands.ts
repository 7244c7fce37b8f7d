import { CLUSTER_FLAGS, flag, SERVE_FLAGS } from "../config/flags.ts";
import { ADMIN_COMMANDS } from "./admin/admin-commands.ts";
import type { CommandRow, Operand } from "./command.ts";
import { SHELLS } from "./completion/shells.ts";
import { DEMO_DEFAULTS } from "./demo-defaults.ts";
import { EXPLAIN_FLAGS } from "./explain/flags.ts";
import { PROBE_FLAGS } from "./probe/flags.ts";
import { QUICKSTART_ECHO_PORTS } from "./quickstart.ts";
import { TRANSLATION_FLAGS } from "./translation-flags.ts";

/** The formats of a command whose results can be read by programs. */
const FORMATS = ["human", "json", "yaml"] as const;

const PATHS: Operand = {
  ...operand("PATH", "A file, a directory with all below it, or - for standard input."),
  variadic: true,
};

/**
 * Every command, once. Help, docs/reference/cli.md and shell completion are made from this table. What a command needs is
 * loaded when it runs, so that help and completion are quick.
 */
export const COMMANDS: readonly CommandRow[] = [
  {
    ...command("serve", "Route by what a cluster holds, or the manifests of a directory."),
    flags: SERVE_FLAGS,
    examples: [
      "fairlead serve --kubeconfig ~/.kube/config --context staging",
      "fairlead serve --manifests ./manifests --http-address 127.0.0.1:8080",
    ],
    failure: "The start failed, or a second signal cut the shutdown short.",
    run: async (...all) => (await import("./serve.ts")).runServe(...all),
  },
  {
    ...command("demo", "Route manifests/quickstart to two echo servers, on 127.0.0.1."),
    flags: [
      ...SERVE_FLAGS.filter(({ key }) => !CLUSTER_FLAGS.some((each) => each.key === key)),
      flag(
        "--echo-ports <A,B>",
        "The ports of the two echo servers, on 127.0.0.1. The quickstart is pointed to them; a directory of --manifests names its endpoints itself.",
        QUICKSTART_ECHO_PORTS.join(","),
      ),
    ],
    defaults: DEMO_DEFAULTS,
    examples: ["fairlead demo", "fairlead demo --http-address 127.0.0.1:8081 --echo-ports 9103,9104"],
    failure: "The start failed, or a second signal cut the shutdown short.",
    run: async (...all) => (await import("./demo.ts")).runDemo(...all),
  },
  {
    ...command("echo", "Run a small WebSocket and HTTP echo server."),
    details: [
      "A WebSocket gets every message back; with `?hello` in its URL it is first told what its handshake looked like. A plain request is answered with the same description.",
    ],
    flags: [
      flag("--address <HOST:PORT>", "Listen here.", "127.0.0.1:9001"),
      flag("--name <NAME>", "The name that it answers with.", "echo"),
    ],
    examples: ["fairlead echo --address 127.0.0.1:9001 --name blue"],
    failure: "The address cannot be listened on.",
    run: async (...all) => (await import("./echo.ts")).runEcho(...all),
  },
  {
    ...command("lint", "Say what is wrong or doubtful in manifests, and at which line."),
    details: [
      "Reads the paths as `serve --manifests` would, and says what it would say: of syntax, schema and CEL rules, references, conflicts and annotations. Beyond that it names what is served as written and hardly as meant. Every finding has a code that docs/reference/problems.md explains.",
      "An error is not served as written. A warning is served otherwise than written, or hardly as meant. Of a finding, `expected` is what would be right where a schema or the reading of a file found it; it is empty for what translation and hints find, whose message says it.",
    ],
    operands: [PATHS],
    flags: [
      flag(
        "--partial",
        "The paths hold only some of the objects: what they refer to and is not there is told for information, not as an error.",
      ),
      flag("--max-warnings <COUNT>", "Fail if there are more warnings than this; 0 fails at the first."),
      ...TRANSLATION_FLAGS,
    ],
    formats: [...FORMATS, "github"],
    examples: [
      "fairlead lint ./manifests",
      "fairlead lint --partial --max-warnings 0 chat.yaml",
      "kubectl get ingress,svc,endpointslices -A -o yaml | fairlead lint --partial -",
    ],
    failure: "There is an error, or there are more warnings than --max-warnings.",
    run: async (...all) => (await import("./lint/run-lint.ts")).runLint(...all),
  },
  {
    ...command("translate", "Print the tables that manifests become: routes, endpoints, certificates."),
    details: [
      "Equal manifests give equal text, whatever their order: `diff` two of them before and after a change. Certificates are named by their fingerprints, keys are left out, and values of header fields and parameters that may be credentials are hidden. Problems go to standard error.",
    ],
    operands: [PATHS],
    flags: TRANSLATION_FLAGS,
    formats: ["yaml", "json"],
    examples: ["fairlead translate ./manifests", "fairlead translate -o json ./manifests"],
    failure: "Something cannot be served as written; the tables are printed all the same.",
    run: async (...all) => (await import("./translate/run-translate.ts")).runTranslate(...all),
  },
  {
    ...command("explain", "Say which rule answers a request and why, and what becomes of it."),
    details: [
      "Takes a request that nobody sends through the very steps of serve, up to the pick of an endpoint: which certificate, which rule, why no other, which policies and settings with the line that says so, which endpoints, and the status if Fairlead answers itself. A ws or wss URL is a WebSocket handshake; an http or https URL is a plain request.",
      "Values of header fields and parameters that may be credentials are hidden, and the query of the URL is left out.",
    ],
    operands: [operand("URL", "The request: ws://, wss://, http:// or https://.")],
    flags: EXPLAIN_FLAGS,
    formats: FORMATS,
    examples: [
      "fairlead explain ws://localhost/echo --manifests manifests/quickstart",
      "fairlead explain wss://chat.example.com/socket --manifests ./manifests --origin https://www.example.com --subprotocol chat.v2",
      "kubectl get ingress,wsr,svc,endpointslices -A -o yaml | fairlead explain wss://chat.example.com/socket --manifests -",
    ],
    failure:
      "Fairlead would refuse or redirect the request, or no endpoint could be picked for it. Where only a share of the requests is refused, because one of several backends with weight is, the exit code is 0 and the output names that backend.",
    run: async (...all) => (await import("./explain/run-explain.ts")).runExplain(...all),
  },
  ...ADMIN_COMMANDS,
  {
    ...command("probe", "Open a WebSocket step by step, and say in one sentence what is wrong if it fails."),
    details: [
      "Resolves the name, connects, does the TLS handshake, asks for the upgrade as a browser does, pings, sends a message, and closes; shows the time of each step, the certificate, and both heads. It needs no cluster and no manifests. http and https mean ws and wss.",
      "Credentials of --header and the query of the URL are hidden in what is printed. docs/reference/probe.md lists every finding.",
    ],
    operands: [operand("URL", "Where the WebSocket is: ws:// or wss://, or the same as http:// or https://.")],
    flags: PROBE_FLAGS,
    formats: FORMATS,
    examples: [
      "fairlead probe ws://localhost:8080/echo",
      "fairlead probe wss://chat.example.com/socket --no-echo --origin https://www.example.com --subprotocol chat.v2",
      "fairlead probe wss://chat.example.com/socket --connect-to 127.0.0.1:8443 --ca-file ca.pem -o json",
    ],
    failure: "A step failed; the output says which, why, and where to look.",
    run: async (...all) => (await import("./probe/run-probe.ts")).runProbe(...all),
  },
  {
    ...command("completion", "Print what makes a shell complete commands, flags and their values."),
    details: [
      "bash: `source <(fairlead completion bash)`, in ~/.bashrc to keep it. zsh: the same with zsh, after `compinit`. fish: `fairlead completion fish > ~/.config/fish/completions/fairlead.fish`.",
    ],
    operands: [{ ...operand("SHELL", "The shell that is to complete."), values: SHELLS }],
    examples: ["fairlead completion bash", "fairlead completion zsh", "fairlead completion fish"],
    failure: "Never.",
    run: async (...all) => (await import("./completion/run-completion.ts")).runCompletion(COMMANDS, ...all),
  },
  {
    ...command("version", "Print the version of Fairlead, and of what it runs on."),
    formats: FORMATS,
    examples: ["fairlead version", "fairlead version -o json"],
    failure: "Never.",
    run: async (...all) => (await import("./version.ts")).runVersion(...all),
  },
];

/** A row with only what every command has, for the table to add to. */
function command(
  name: string,
  summary: string,
): Pick<CommandRow, "name" | "summary" | "details" | "operands" | "defaults" | "flags" | "formats"> {
  return { name, summary, details: [], operands: [], flags: [], defaults: {}, formats: [] };
}

function operand(name: string, meaning: string): Operand {
  return { name, meaning, required: true, variadic: false, values: [] };
}

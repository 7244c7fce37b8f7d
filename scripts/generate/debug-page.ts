import { DEBUG_PAGES, type DebugPage } from "../../src/admin/debug/debug-pages.ts";
import { code, origin, writePage, writeTable } from "./markdown.ts";

/** docs/reference/debug.md: the pages below /debug of the admin address. */
export function writeDebug(): string {
  return writePage([
    origin("src/admin/debug/debug-pages.ts"),
    "# Debug pages",
    "What one replica knows at this moment, below `/debug` of the admin address, as JSON. A member is only ever added. An error is an object with the members `code`, which is stable ([cli.md](cli.md#errors) lists each), and `error`, one sentence. `fairlead connections`, `fairlead cut`, `fairlead table` and `fairlead problems` ask for you ([cli.md](cli.md)).",
    "## Who may ask",
    "- On a loopback address, programs of this machine. A request from a web page of another origin is answered 403: one with an `Origin` other than its `Host`, with a `Sec-Fetch-Site` of another site, or with a `Host` that is neither `localhost` nor a loopback address.\n- With `--admin-token-file`, whoever has the token: `Authorization: Bearer TOKEN`; otherwise 401. The file is read for each request, so that a rotated token counts at once; if it cannot be read the pages answer 503.\n- On any other address without that flag nobody: 403.",
    ...DEBUG_PAGES.flatMap(describePage),
  ]);
}

function describePage({ method, path, meaning, params, answers }: DebugPage): readonly string[] {
  const rows = params.map((param) => [
    code(param.name),
    code(param.values.length > 0 ? param.values.join(" | ") : param.form),
    param.default === null ? "" : code(param.default),
    param.meaning,
  ]);
  return [
    `## ${method} ${path}`,
    meaning,
    ...(rows.length === 0 ? [] : [writeTable(["Parameter", "Form", "Default", "Meaning"], rows)]),
    writeTable(
      ["Member", "Meaning"],
      Object.entries(answers).map(([name, text]) => [code(name), text]),
    ),
  ];
}

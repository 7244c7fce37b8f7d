import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../../src/cli/lint/finding.ts";
import { HINTS } from "../../../src/cli/lint/hints.ts";
import type { LogLine } from "../../harness/log-collector.ts";
import { runInPlace } from "../../harness/run-in-place.ts";
import { startApp } from "../../harness/start-app.ts";

const FOLDER = join(import.meta.dirname, "golden");
const PEM = join(import.meta.dirname, "../../translate/golden/pem");

function readGolden(name: string): string {
  const text = readFileSync(join(FOLDER, `${name}.in.yaml`), "utf8");
  return text.replaceAll(/"pem:([\w.]+)"/g, (_, pem: string) => JSON.stringify(readFileSync(join(PEM, pem), "utf8")));
}

function ofLine({ file, line, column, reason, field, msg }: LogLine): string {
  return [file, line, column, reason, field, msg].join(" ");
}

// Serve needs something to serve, and logs no more than 50 problems of each kind.
test.each(["missing-references", "conflicts", "annotations", "schema", "syntax", "identity", "backends", "tls"])(
  "lint says of %s what serve logs, at the same places",
  async (name) => {
    const { directory, log } = await startApp({ files: { "a.yaml": readGolden(name) } });
    const { out } = await runInPlace(["lint", "-o", "json", directory.root]);
    const { findings } = JSON.parse(out.replaceAll(`${directory.root}/`, "")) as {
      readonly findings: readonly Finding[];
    };
    const own = findings
      .filter(({ code }) => !(code in HINTS))
      .map(({ file, line, column, code, field, message }) =>
        [file, line, column, code, field, message].join(" ").trim(),
      );
    expect(own.length).toBeGreaterThan(0);
    const logged = await log.linesWhere(
      ({ level, file }) => level === "warn" && file !== undefined,
      own.length,
      15_000,
    );
    expect(logged.map(ofLine).toSorted()).toEqual(own.toSorted());
  },
);

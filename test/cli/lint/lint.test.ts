import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { makeSelfSigned } from "../../../src/cli/self-signed.ts";
import { createManifestDirectory } from "../../files/manifest-directory.ts";
import { runInPlace, textInput } from "../../harness/run-in-place.ts";

const ROUTE = `apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: chat }
spec:
  rules: [{ name: chat, backendRefs: [{ name: nobody, port: 80 }] }]
`;

const SERVICE = "{ apiVersion: v1, kind: Service, metadata: { name: nobody }, spec: { ports: [{ port: 81 }] } }\n";

const WARNING = `apiVersion: v1
kind: Service
metadata: { name: chat, annotations: { fairlead.dev/colour: blue } }
spec: { ports: [{ port: 80 }] }
---
${ROUTE.replace("nobody", "chat")}`;

async function lint(text: string, ...flags: string[]) {
  return await runInPlace(["lint", ...flags, "-"], { input: () => textInput(text) });
}

describe("the exit code", () => {
  test("is 1 with an error, and 0 with warnings alone", async () => {
    expect((await lint(ROUTE)).code).toBe(1);
    expect((await lint(ROUTE, "--partial")).code).toBe(0);
    expect((await lint(WARNING)).code).toBe(0);
  });

  test("is 1 with more warnings than are allowed", async () => {
    expect((await lint(WARNING, "--max-warnings", "0")).code).toBe(1);
    expect((await lint(WARNING, "--max-warnings", "1")).code).toBe(0);
  });

  test("is 2 for flags that cannot be read, all of them named", async () => {
    const { code, out, errors } = await lint(ROUTE, "--max-warnings", "few", "--grace-period", "long");
    expect([code, out]).toEqual([2, ""]);
    expect(errors).toContain("--max-warnings: expected a whole number");
    expect(errors).toContain('--grace-period "long": expected a duration');
  });

  test("is 2 without a path", async () => {
    expect((await runInPlace(["lint"])).code).toBe(2);
  });
});

describe("formats", () => {
  test("json and yaml say the same, with counts", async () => {
    const [json, yaml] = [await lint(ROUTE, "-o", "json"), await lint(ROUTE, "-o", "yaml")];
    expect(parse(yaml.out)).toEqual(JSON.parse(json.out));
    expect(JSON.parse(json.out)).toEqual({
      counts: { files: 1, errors: 1, warnings: 0, infos: 0 },
      findings: [
        {
          severity: "error",
          code: "BackendNotFound",
          file: "<stdin>",
          line: 5,
          column: 47,
          object: "WebSocketRoute default/chat",
          field: "spec.rules[0].backendRefs[0].name",
          value: "nobody",
          message: "Service default/nobody does not exist.",
          expected: "",
          rival: null,
          help: "docs/reference/problems.md#backendnotfound",
          reference: "docs/reference/websocketroute.md#specrulesbackendrefs",
        },
      ],
    });
  });

  test("github marks the lines of a pull request", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "a,b:c%.yaml": ROUTE });
    const { out } = await runInPlace(["lint", "-o", "github", root]);
    const name = join(root, "a%2Cb%3Ac%25.yaml");
    expect(out).toBe(
      `::error file=${name},line=5,col=47,title=BackendNotFound::WebSocketRoute default/chat: Service default/nobody does not exist. See docs/reference/problems.md#backendnotfound\n`,
    );
  });

  test("colour marks severities on a terminal only", async () => {
    const coloured = await runInPlace(["lint", "-"], { input: () => textInput(ROUTE), colour: true });
    expect(coloured.out).toContain("\u001B[31m\u001B[1merror\u001B[22m\u001B[39m BackendNotFound");
    expect((await lint(ROUTE)).out).not.toContain("\u001B");
  });

  test("control characters of a manifest never reach a terminal", async () => {
    const { out } = await lint(
      ROUTE.replace("nobody", '"no\\e[31mbo\u202Edy"').replace("name: chat }", 'name: "a\\e[2J" }'),
    );
    expect(out.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202E]/u);
    expect(out).toContain("u001b");
  });
});

describe("paths", () => {
  test("are files of any name, directories and standard input, as one set", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "deep/er/service.yml": SERVICE, "route.txt": ROUTE });
    const both = await runInPlace(["lint", "-o", "json", root, join(root, "route.txt")]);
    expect(JSON.parse(both.out)).toMatchObject({ counts: { files: 2, errors: 1 } });
    expect(JSON.parse(both.out).findings[0]).toMatchObject({ message: expect.stringContaining("has no port 80") });
    const piped = await runInPlace(["lint", root, "-"], { input: () => textInput(ROUTE) });
    expect(piped.out).toContain("<stdin>:5:");
  });

  test("that name a file twice read it once", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "a.yaml": SERVICE });
    const { out } = await runInPlace([
      "lint",
      "-o",
      "json",
      root,
      join(root, "a.yaml"),
      join(root, "..", basename(root)),
    ]);
    expect(JSON.parse(out)).toMatchObject({ counts: { files: 1, errors: 0 } });
  });

  test("that cannot be read are errors of their own", async () => {
    const { root, write } = await createManifestDirectory();
    await mkdir(join(root, "empty"));
    await write({ "notes.md": "no manifest" });
    await writeFile(join(root, "latin.yaml"), Buffer.from([0x61, 0xe9]));
    const words = ["lint", join(root, "nothing.yaml"), join(root, "empty"), join(root, "latin.yaml")];
    const { code, out } = await runInPlace(words);
    expect(code).toBe(1);
    expect(out).toContain(`${join(root, "nothing.yaml")}:1:1: error Unreadable: there is no such file or directory`);
    expect(out).toContain(`${join(root, "empty")}:1:1: error Unreadable: the directory holds no manifest`);
    expect(out).toContain(`${join(root, "latin.yaml")}:1:1: error Unreadable: the file is no UTF-8 text`);
  });

  test("of input that is no text, or too much of it, are errors", async () => {
    const input = async function* () {
      yield await Promise.resolve(Buffer.from([0xff]));
    };
    expect((await runInPlace(["lint", "-"], { input })).out).toContain("<stdin>:1:1: error Unreadable");
    const endless = async function* () {
      for (;;) yield await Promise.resolve(Buffer.alloc(1024 * 1024, 0x20));
    };
    expect((await runInPlace(["lint", "-"], { input: endless })).out).toContain("the input is too large");
  });
});

describe("certificates", () => {
  const secret = (pem: { chain: string; key: string }): string =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata: { name: "tls" },
      stringData: { "tls.crt": pem.chain, "tls.key": pem.key },
    });
  const daysAgo = (days: number): number => Date.now() - days * 86_400_000;

  test("that have expired or soon will are told, others are not", async () => {
    const [fresh, soon, gone] = await Promise.all([0, 20, 40].map((days) => makeSelfSigned(["a"], daysAgo(days))));
    expect((await lint(secret(fresh!))).out).toBe("1 file: 0 errors, 0 warnings, 0 for information\n");
    expect((await lint(secret(soon!))).out).toContain("warning CertificateExpired: The certificate expires on ");
    const { out } = await lint(secret(gone!));
    expect(out).toContain("warning CertificateExpired: The certificate expired on ");
    expect(out).not.toContain("PRIVATE KEY");
  });
});

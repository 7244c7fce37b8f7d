import { execFileSync } from "node:child_process";
import { link, mkdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/system-clock.ts";
import { printFileProblem } from "../../src/files/file-problem.ts";
import { DEFAULT_FILE_LIMITS, type FileLimits } from "../../src/files/limits.ts";
import { type DirectoryReading, readDirectory } from "../../src/files/read-directory.ts";
import type { FileText } from "../../src/files/read-file.ts";
import { createManifestDirectory } from "./manifest-directory.ts";

async function read(
  root: string,
  limits: Partial<FileLimits> = {},
  known: ReadonlyMap<string, FileText> = new Map(),
): Promise<DirectoryReading> {
  const onDirectory = (): void => undefined;
  return await readDirectory({
    root,
    known: (path) => known.get(path),
    limits: { ...DEFAULT_FILE_LIMITS, ...limits },
    clock: systemClock,
    onDirectory,
  });
}

function textsOf(reading: DirectoryReading): Readonly<Record<string, string>> {
  return Object.fromEntries(
    reading.files.map(({ path, reading: file }) => [
      path,
      file.type === "text" ? file.file.text : printFileProblem(file.problem),
    ]),
  );
}

function knownOf(reading: DirectoryReading): ReadonlyMap<string, FileText> {
  return new Map(reading.files.flatMap(({ path, reading: file }) => (file.type === "text" ? [[path, file.file]] : [])));
}

test("manifests are found in every directory, sorted by path; other files and hidden names are left out", async () => {
  const { root, write } = await createManifestDirectory();
  await write({
    "b.yaml": "b",
    "a/z.yml": "az",
    "a.json": "a",
    "a/deep/er/x.YAML": "x",
    "notes.txt": "no",
    yaml: "no",
    "b.yaml~": "no",
    ".hidden.yaml": "no",
    ".git/config.yaml": "no",
    "..2026_01_01/x.yaml": "no",
  });
  const reading = await read(root);
  expect(textsOf(reading)).toEqual({ "a.json": "a", "a/deep/er/x.YAML": "x", "a/z.yml": "az", "b.yaml": "b" });
  expect(reading.files.map((file) => file.path)).toEqual(["a.json", "a/deep/er/x.YAML", "a/z.yml", "b.yaml"]);
  expect(reading.unread).toEqual([]);
});

test("a ConfigMap volume's files are read once each, through their links", async () => {
  const { root, project } = await createManifestDirectory();
  await project({ "a.yaml": "one", "b.yaml": "two" });
  expect(textsOf(await read(root))).toEqual({ "a.yaml": "one", "b.yaml": "two" });
});

test("links in a circle end, and two names of one file or directory are read once", async () => {
  const { root, write, link: symlink } = await createManifestDirectory();
  await write({ "real/x.yaml": "x", "m.yaml": "m" });
  await symlink("..", "real/up");
  await symlink(".", "self");
  await symlink("real", "zlink");
  await symlink("m.yaml", "n.yaml");
  await link(join(root, "m.yaml"), join(root, "o.yaml"));
  await symlink("loop.yaml", "loop.yaml");
  const reading = await read(root);
  expect(textsOf(reading)).toEqual({ "m.yaml": "m", "real/x.yaml": "x" });
  expect(reading.unread.map((part) => part.problem.message)).toEqual(["the link cannot be followed (ELOOP)"]);
});

test("links that lead nowhere are as good as absent", async () => {
  const { root, link: symlink } = await createManifestDirectory();
  await symlink("missing.yaml", "a.yaml");
  expect(await read(root)).toEqual({ files: [], unread: [] });
});

test("named pipes and directories with a manifest's name hold nobody up", async () => {
  const { root, write, link: symlink } = await createManifestDirectory();
  await write({ "dir.yaml/inner.yaml": "inner" });
  execFileSync("mkfifo", [join(root, "pipe.yaml")]);
  await symlink("pipe.yaml", "to-pipe.yaml");
  await symlink("/dev/zero", "zero.yaml");
  expect(textsOf(await read(root))).toEqual({ "dir.yaml/inner.yaml": "inner" });
});

test("a file that is too large, or no UTF-8, is there but unreadable", async () => {
  const { root, write } = await createManifestDirectory();
  await write({
    "large.yaml": "x".repeat(101),
    "fits.yaml": "y".repeat(100),
    "latin.yaml": Uint8Array.of(0x61, 0xe9, 0x62),
  });
  expect(textsOf(await read(root, { fileBytes: 100 }))).toEqual({
    "fits.yaml": "y".repeat(100),
    "large.yaml": "large.yaml:1:1: the file is too large (expected: at most 100 bytes)",
    "latin.yaml": "latin.yaml:1:1: the file is no UTF-8 text (expected: UTF-8)",
  });
});

test("a byte order mark is no part of the text", async () => {
  const { root, write } = await createManifestDirectory();
  await write({ "a.yaml": "\uFEFFkind: X" });
  expect(textsOf(await read(root))).toEqual({ "a.yaml": "kind: X" });
});

test.each<[string, Partial<FileLimits>, string, number]>([
  ["too many files", { files: 2 }, "holds too many manifests; the rest is not read (expected: at most 2 files)", 2],
  [
    "too many bytes",
    { totalBytes: 2 },
    "holds too many manifests; the rest is not read (expected: at most 2 bytes)",
    2,
  ],
  ["too many entries", { directoryEntries: 3 }, "has too many entries (expected: at most 3 in all)", 3],
])("%s are reported, and the directory is not taken for complete", async (_, limits, problem, files) => {
  const { root, write } = await createManifestDirectory();
  await write({ "a.yaml": "1", "b.yaml": "2", "c.yaml": "3", "d.yaml": "4" });
  const reading = await read(root, limits);
  expect(reading.files).toHaveLength(files);
  expect(reading.unread.map((part) => [part.path, printFileProblem(part.problem)])).toEqual([
    ["", `.:1:1: the directory ${problem}`],
  ]);
});

test("directories deeper than the limit are reported", async () => {
  const { root, write } = await createManifestDirectory();
  await write({ "a/b/c/x.yaml": "x", "a/b/y.yaml": "y" });
  const reading = await read(root, { directoryDepth: 2 });
  expect(Object.keys(textsOf(reading))).toEqual(["a/b/y.yaml"]);
  expect(reading.unread.map((part) => part.path)).toEqual(["a/b/c"]);
});

test("a directory that is not there is unread, not empty", async () => {
  const { root } = await createManifestDirectory();
  const reading = await read(join(root, "missing"));
  expect(reading.unread.map((part) => [part.path, part.problem.message])).toEqual([
    ["", "the directory cannot be read (ENOENT)"],
  ]);
});

test("an unchanged file is not read again; one changed within a tick of the clock is", async () => {
  const { root, write } = await createManifestDirectory();
  await write({ "old.yaml": "same", "new.yaml": "same" });
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(join(root, "old.yaml"), longAgo, longAgo);
  const first = await read(root);
  await write({ "new.yaml": "diff" });
  const second = await read(root, {}, knownOf(first));
  expect(textsOf(second)).toEqual({ "old.yaml": "same", "new.yaml": "diff" });
});

test("every directory is announced before it is listed, and so is that of a link's target", async () => {
  const { root, write, link: symlink } = await createManifestDirectory();
  const elsewhere = await createManifestDirectory();
  await elsewhere.write({ "x.yaml": "x" });
  await write({ "a/x.yaml": "ax" });
  await mkdir(join(root, "empty"));
  await symlink(join(elsewhere.root, "x.yaml"), "to-x.yaml");
  const seen: string[] = [];
  await readDirectory({
    root,
    known: () => undefined,
    limits: DEFAULT_FILE_LIMITS,
    clock: systemClock,
    onDirectory: (path) => seen.push(path),
  });
  expect(seen).toEqual([root, join(root, "a"), join(root, "empty"), elsewhere.root]);
});

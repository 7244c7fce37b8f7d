import { EventEmitter, once } from "node:events";
import { mkdir, mkdtemp, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Log } from "../../src/base/ports.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { impliedIngressClass, type ViewChange } from "../../src/files/build-view.ts";
import { type ManifestOptions, type ManifestSource, openManifests } from "../../src/files/manifest-source.ts";
import { judgeByName } from "./judge-by-name.ts";

/** A real directory that is gone when the test is. */
export type ManifestDirectory = {
  readonly root: string;
  /** Writes files, by path below the root; directories come by themselves. */
  readonly write: (files: Readonly<Record<string, string | Uint8Array>>) => Promise<void>;
  /** Writes beside the file and renames over it, as careful editors save. */
  readonly saveByRename: (path: string, text: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  readonly link: (target: string, path: string) => Promise<void>;
  /** Makes the directory a ConfigMap volume, or gives it its next content, in the steps that the kubelet takes. */
  readonly project: (files: Readonly<Record<string, string>>) => Promise<void>;
};

/** Makes an empty directory. */
export async function createManifestDirectory(): Promise<ManifestDirectory> {
  const root = await mkdtemp(join(tmpdir(), "fairlead-manifests-"));
  onTestFinished(async () => await rm(root, { recursive: true, force: true }));
  let revision = 0;
  const write: ManifestDirectory["write"] = async (files) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  };
  const project: ManifestDirectory["project"] = async (files) => {
    revision += 1;
    const stamp = `..2026_01_01_00_00_${String(revision).padStart(2, "0")}.123`;
    const before = await readlink(join(root, "..data")).catch(() => undefined);
    await write(Object.fromEntries(Object.entries(files).map(([name, text]) => [join(stamp, name), text])));
    await symlink(stamp, join(root, "..data_tmp"));
    await rename(join(root, "..data_tmp"), join(root, "..data"));
    for (const name of Object.keys(files)) {
      await symlink(join("..data", name), join(root, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
    }
    if (before !== undefined) await rm(join(root, before), { recursive: true });
  };
  return {
    root,
    write,
    project,
    saveByRename: async (path, text) => {
      await writeFile(join(root, `${path}.tmp`), text);
      await rename(join(root, `${path}.tmp`), join(root, path));
    },
    remove: async (path) => await rm(join(root, path), { recursive: true }),
    link: async (target, path) => await symlink(target, join(root, path)),
  };
}

/** A followed directory and everything that it said. */
export type Followed = {
  readonly source: ManifestSource;
  readonly changes: readonly ViewChange[];
  /** The first change, past or to come, that satisfies the condition. */
  readonly changeWhere: (condition: (change: ViewChange) => boolean) => Promise<ViewChange>;
  /** Log lines as JSON. */
  readonly lines: readonly string[];
};

/** Opens a directory with short waits; closes it after the test. */
export async function follow(root: string, options: Partial<ManifestOptions> = {}): Promise<Followed> {
  const changes: ViewChange[] = [];
  const lines: string[] = [];
  const emitter = new EventEmitter();
  const source = await openManifests({
    root,
    validate: judgeByName,
    impliedClass: impliedIngressClass("fairlead", "fairlead.dev/ingress-controller"),
    log: collectLines(lines),
    clock: systemClock,
    onChange: (change) => {
      changes.push(change);
      emitter.emit("change");
    },
    quietMs: 10,
    rereadMs: 3_600_000,
    ...options,
  });
  onTestFinished(async () => await source.close());
  const changeWhere: Followed["changeWhere"] = async (condition) => {
    for (;;) {
      const found = changes.find(condition);
      if (found !== undefined) return found;
      await once(emitter, "change");
    }
  };
  return { source, changes, changeWhere, lines };
}

/** A log that keeps its lines: level, fields and message. */
export function collectLines(lines: string[]): Log {
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push(JSON.stringify({ level, ...fields, message }));
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A Service as a file has it; `mark` tells versions apart. */
export function serviceYaml(name: string, mark = "first", extra = ""): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n  labels: { mark: ${mark} }\n${extra}`;
}

/** The marks of a view's Services, by name. */
export function marksOf(view: ViewChange["view"]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(view.services.map(({ metadata }) => [metadata.name, metadata.labels?.["mark"]]));
}

import { readFileSync, writeFileSync } from "node:fs";

/** A package in package-lock.json, as much of it as this script reads or writes. */
export type LockedPackage = {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly license?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
};

/** The packages of a lock file by their path; the project itself is at the empty path. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** An optional package that some package names and the lock does not hold. */
export type MissingPackage = { readonly by: string; readonly name: string; readonly version: string };

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const PROCESSORS = ["arm", "arm64", "ia32", "ppc64", "riscv64", "s390x", "x64"];

/**
 * Optional packages without an entry. npm leaves out those that the registry in use does not hold, the binaries of other
 * platforms above all, and `npm ci` then refuses the lock on every machine.
 */
export function findMissing(packages: LockedPackages): readonly MissingPackage[] {
  return Object.entries(packages).flatMap(([by, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isLocked(packages, by, name))
      .map(([name, version]) => ({ by, name, version })),
  );
}

/** The lock with an entry for each missing package, by what its name says of its platform. Throws if a name says nothing. */
export function complete(packages: LockedPackages): LockedPackages {
  const added = findMissing(packages).map((missing) => {
    return [`node_modules/${missing.name}`, entryOf(missing, packages[missing.by] ?? {})] as const;
  });
  const sorted = [...Object.entries(packages), ...added].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted);
}

function entryOf({ name, version }: MissingPackage, parent: LockedPackage): LockedPackage {
  const words = name.split("/").at(-1)?.split("-") ?? [];
  const os = words.find((word) => SYSTEMS.includes(word));
  const cpu = words.find((word) => PROCESSORS.includes(word));
  if (os === undefined || cpu === undefined) throw new Error(`${name} ${version}: its name says no platform`);
  const libc = libcOf(words);
  return {
    version,
    cpu: [cpu],
    ...(parent.dev === true ? { dev: true } : {}),
    ...(libc === null ? {} : { libc: [libc] }),
    license: parent.license ?? "",
    optional: true,
    os: [os],
    ...(parent.engines === undefined ? {} : { engines: parent.engines }),
  };
}

function libcOf(words: readonly string[]): string | null {
  const last = words.at(-1) ?? "";
  if (last.startsWith("musl")) return "musl";
  return words.includes("linux") && last.startsWith("gnu") ? "glibc" : null;
}

/** As Node resolves it: in the folder of the package, or in one above. */
function isLocked(packages: LockedPackages, by: string, name: string): boolean {
  if (Object.hasOwn(packages, `${by === "" ? "" : `${by}/`}node_modules/${name}`)) return true;
  if (by === "") return false;
  const above = by.lastIndexOf("/node_modules/");
  return isLocked(packages, above === -1 ? "" : by.slice(0, above), name);
}

if (import.meta.main) {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: LockedPackages };
  const missing = findMissing(lock.packages).length;
  lock.packages = complete(lock.packages);
  writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing} optional packages added to package-lock.json`);
}

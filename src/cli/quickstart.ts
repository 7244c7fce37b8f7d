import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The echo backends that manifests/quickstart names, in the order of its Services: echo-a, echo-b. */
export const QUICKSTART_ECHO_PORTS: readonly [number, number] = [9101, 9102];

/** Where the quickstart's manifests are. */
export const QUICKSTART_DIRECTORY = fileURLToPath(new URL("../../manifests/quickstart", import.meta.url));

/** A directory of manifests to serve. */
export type QuickstartDirectory = {
  readonly path: string;
  /** Deletes the directory if it was made for this run. */
  readonly remove: () => Promise<void>;
};

/** The quickstart itself, to be edited while it runs; with other ports, a copy of it for this run that names them. */
export async function prepareQuickstart(ports: readonly [number, number]): Promise<QuickstartDirectory> {
  if (ports.every((port, index) => port === QUICKSTART_ECHO_PORTS[index])) {
    return { path: QUICKSTART_DIRECTORY, remove: () => Promise.resolve() };
  }
  const path = await mkdtemp(join(tmpdir(), "fairlead-quickstart-"));
  await cp(QUICKSTART_DIRECTORY, path, { recursive: true });
  for (const name of await readdir(path)) {
    const text = await readFile(join(path, name), "utf8");
    const renamed = text.replaceAll(/127\.0\.0\.1:(?<port>\d+)/g, (address, port: string) => {
      const index = QUICKSTART_ECHO_PORTS.indexOf(Number(port));
      return index === -1 ? address : `127.0.0.1:${ports[index]}`;
    });
    await writeFile(join(path, name), renamed);
  }
  return { path, remove: async () => await rm(path, { recursive: true, force: true }) };
}

import { expose } from "./sentinels.ts";

/** Reads every page of an admin address and exposes it; what does not listen any more has no pages. The paths are those that it names itself. */
export async function exposePages(port: number): Promise<void> {
  const index = await read(port, "/");
  for (const line of index.split("\n").filter((each) => each.startsWith("/"))) {
    const [path = ""] = line.split(/\s/);
    expose(`the page ${path}`).add(await read(port, path));
  }
}

async function read(port: number, path: string): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
    return await answer.text();
  } catch {
    return "";
  }
}

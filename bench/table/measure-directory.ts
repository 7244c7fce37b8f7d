import { setImmediate as nextTurn } from "node:timers/promises";
import { findRule } from "../../src/table/match.ts";
import { describeBlocks, type Figure, inUnit, quantile } from "./figures.ts";
import { hostOf, makeApplication, makeSlice } from "./make-objects.ts";
import { type ServedDirectory, serveDirectory } from "./serve-directory.ts";
import { type LoopWatch, watchLoop } from "./watch-loop.ts";

/** How a directory is measured. */
export type DirectoryCase = { readonly routes: number; readonly edits: number; readonly target: string };

/** From the writing of a file to the table that has it, and how long relaying would have waited meanwhile. */
export async function measureDirectory({ routes, edits, target }: DirectoryCase): Promise<readonly Figure[]> {
  const served = await serveDirectory(routes);
  let onTurn = (): void => undefined;
  const watch = watchLoop(() => onTurn());
  const seen = (isThere: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      onTurn = () => isThere() && resolve();
    });
  try {
    const startMs = performance.now();
    watch.restart();
    await served.start();
    await nextTurn();
    const figures: Figure[] = [
      { what: "start: directory read and first tables in use", value: inUnit(performance.now() - startMs, "ms") },
      { what: "longest block meanwhile", value: describeBlocks(watch.blocks()) },
    ];
    // Files are trusted to be unchanged only when they have been left alone for a while.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    figures.push(...(await measureEdits({ served, watch, edits, target, seen }, "route", editRoute)));
    figures.push(
      ...(await measureEdits(
        { served, watch, edits, target: "50 ms in their own lane, and the quiet of files", seen },
        "endpoint",
        editEndpoint,
      )),
    );
    watch.restart();
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    figures.push({
      what: "longest block while nothing changes",
      value: describeBlocks(watch.blocks()),
      target: "below 20 ms",
    });
    return figures;
  } finally {
    watch.stop();
    await served.stop();
  }
}

type Editing = {
  readonly served: ServedDirectory;
  readonly watch: LoopWatch;
  readonly edits: number;
  readonly target: string;
  readonly seen: (isThere: () => boolean) => Promise<void>;
};

/** Makes an edit, and says how to see that it is in use. */
type Edit = (
  served: ServedDirectory,
  at: number,
) => { readonly write: () => Promise<void>; readonly isThere: () => boolean };

async function measureEdits(
  { served, watch, edits, target, seen }: Editing,
  what: string,
  edit: Edit,
): Promise<readonly Figure[]> {
  const effects: number[] = [];
  watch.restart();
  for (let at = 0; at < edits; at += 1) {
    const { write, isThere } = edit(served, at);
    const startMs = performance.now();
    await write();
    await seen(isThere);
    effects.push(performance.now() - startMs);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const value = `${inUnit(quantile(effects, 0.5), "ms")} median, ${inUnit(quantile(effects, 0.99), "ms")} p99`;
  return [
    { what: `one ${what} edited to its effect`, value, target },
    { what: "longest block meanwhile", value: describeBlocks(watch.blocks()), target: "below 20 ms" },
  ];
}

const editRoute: Edit = (served, at) => {
  const index = at * 13;
  const connectMs = 6_000 + at;
  return {
    write: () => served.write(index, makeApplication(index, `${connectMs}ms`)),
    isThere: () => {
      const found = findRule(served.live.routes(), {
        host: hostOf(index),
        path: "/",
        query: "",
        headers: new Map(),
        webSocket: { key: "", subprotocols: [], extensions: [] },
      });
      const action = found.type === "Matched" ? found.entry.rule.action : null;
      return action?.type === "Forward" && action.timeouts.connectMs === connectMs;
    },
  };
};

const editEndpoint: Edit = (served, at) => {
  const index = at * 17 + 7;
  const { route, service, slice } = makeApplication(index);
  const { namespace = "", name } = slice.metadata;
  return {
    write: () => served.write(index, { route, service, slice: makeSlice({ namespace, name }, index, false) }),
    isThere: () => served.live.endpoints().get(`${namespace}/${name}:80`)?.at(1)?.ready === false,
  };
};

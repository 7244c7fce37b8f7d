import type { KindName } from "../api/kinds.ts";
import type { View } from "../api/view.ts";
import type { KindFigures } from "../base/cluster-figures.ts";
import type { Log } from "../base/ports.ts";
import type { ObjectRef } from "../base/problem.ts";
import type { SourceProblem } from "../base/source-problem.ts";
import { figuresOfKind, figuresOfSecrets } from "./kind-figures.ts";
import { createKindReaders, findKept, isServable, type KindReader, type KindReaderParts } from "./kind-reader.ts";
import type { ObjectSet } from "./object-set.ts";
import { createSecretReader, type SecretReader } from "./secret-reader.ts";
import { createTellReading } from "./tell-reading.ts";
import { createViewBuilder } from "./view-builder.ts";

/** What a source of a cluster's objects is joined from. */
export type ClusterParts = KindReaderParts & {
  readonly log: Log;
  /** Called after each change of what the view holds, once `start` has resolved. */
  readonly onChange: (change: ClusterChange) => void;
};

/** What has changed in the view. Without objects: every Secret that was named has been tried. */
export type ClusterChange = { readonly changed: readonly ObjectRef[]; readonly kinds: ReadonlySet<KindName> };

/** The objects of a cluster that routing needs, followed for as long as it runs. */
export type ClusterSource = {
  /** Resolves when everything that can be had has been listed, and it is enough to route by; rejects when it is closed before. */
  readonly start: () => Promise<void>;
  readonly view: () => View;
  /** Objects whose newest version cannot be used. */
  readonly problems: () => readonly SourceProblem[];
  /** Reads these Secrets (`namespace/name`) and no others; `again` at once. True if each has been tried. */
  readonly nameSecrets: SecretReader["name"];
  readonly kinds: () => readonly KindFigures[];
  /** Resolves when nothing more is asked or told. */
  readonly close: () => Promise<void>;
};

/** The source was closed before everything had been read. */
export class ClosedError extends Error {
  override readonly name = "ClosedError";
}

/** Makes a source that has asked nothing yet. */
export function createClusterSource(parts: ClusterParts): ClusterSource {
  const { clock, onChange } = parts;
  const tell = createTellReading(parts.log);
  const started = Promise.withResolvers<void>();
  // Nobody need wait for it.
  started.promise.catch(() => {});
  let isStarted = false;
  const readers: readonly KindReader[] = createKindReaders(parts, {
    changed: (kind, changed) => {
      builder.changed(kind);
      tell.objects(changed, (ref) => findKept(readers, ref)?.problem ?? null);
      if (isStarted) onChange({ changed, kinds: new Set([kind]) });
    },
    told: () => {
      tell.kinds(kinds());
      if (!isStarted && isServable(readers)) started.resolve();
    },
  });
  const builder = createViewBuilder(readers);
  const { reader: secretKind, set } = secretsOf(readers);
  const secrets = createSecretReader({
    ...parts,
    row: secretKind.row,
    set,
    tried: () => onChange({ changed: [], kinds: new Set(["Secret"]) }),
    told: tell.secret,
  });
  const kinds = (): readonly KindFigures[] => {
    const nowMs = clock.monotonicMs();
    return readers.map((reader) =>
      reader === secretKind ? figuresOfSecrets(reader, secrets, nowMs) : figuresOfKind(reader, nowMs),
    );
  };
  const reflectors = readers.flatMap((reader) => reader.reflectors);
  return {
    start: async () => {
      for (const reflector of reflectors) reflector.start();
      await started.promise;
      isStarted = true;
    },
    view: builder.view,
    problems: builder.problems,
    nameSecrets: secrets.name,
    kinds,
    close: async () => {
      started.reject(new ClosedError("stopped before the cluster had been read"));
      secrets.stop();
      const stopping = reflectors.map((reflector) => reflector.stop());
      parts.client.close();
      await Promise.all(stopping);
    },
  };
}

function secretsOf(readers: readonly KindReader[]): { readonly reader: KindReader; readonly set: ObjectSet } {
  const reader = readers.find(({ row }) => row.kind === "Secret");
  const [set] = reader?.sets ?? [];
  if (reader === undefined || set === undefined) throw new Error("Secret is no row of KINDS");
  return { reader, set };
}

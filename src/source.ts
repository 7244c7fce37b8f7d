import { createValidator } from "./api/validate/create-validator.ts";
import type { View } from "./api/view.ts";
import type { KindFigures } from "./base/cluster-figures.ts";
import type { Clock, Log } from "./base/ports.ts";
import type { ObjectRef } from "./base/problem.ts";
import type { SourceProblem } from "./base/source-problem.ts";
import { impliedIngressClass } from "./files/build-view.ts";
import type { FilePlace } from "./files/file-problem.ts";
import { type ManifestSource, openManifests } from "./files/manifest-source.ts";
import type { ObjectField } from "./files/place-fields.ts";
import { createApiClient } from "./kube/api-client.ts";
import { ClosedError, type ClusterSource, createClusterSource } from "./kube/cluster-source.ts";
import { type ClusterHints, findConnection } from "./kube/find-connection.ts";
import { createChangeTeller, tellChanged } from "./tell-changed.ts";

/** Where objects come from, whatever it is. */
export type Source = {
  /** Resolves when there is a view to route by. Rejects, with a sentence for a person, if there will be none. */
  readonly start: () => Promise<void>;
  /** The latest view. */
  readonly view: () => View;
  /** What keeps objects from being read as they are written. */
  readonly problems: () => readonly SourceProblem[];
  /** Where fields of the view's objects are written, in the same order; null where no file holds the object. */
  readonly place: (fields: readonly ObjectField[]) => Promise<readonly (FilePlace | null)[]>;
  /** How the reading of each kind stands; empty for a directory, which is read as a whole. */
  readonly kinds: () => readonly KindFigures[];
  /** Says which Secrets are needed (`namespace/name`), and which of them anew. True if what can be had of them is in the view. */
  readonly nameSecrets: (named: ReadonlySet<string>, again: ReadonlySet<string>) => boolean;
  /** Resolves when no more changes are told. */
  readonly close: () => Promise<void>;
};

/** Which source to open. */
export type SourceSettings =
  | { readonly type: "directory"; readonly path: string }
  | {
      readonly type: "cluster";
      readonly hints: ClusterHints;
      /** Only these; empty for the whole cluster. */
      readonly namespaces: readonly string[];
      /** True where endpoints of this very machine are meant, which no API server accepts: in tests. */
      readonly allowLoopback: boolean;
    };

/** What sources use, and tell. */
export type SourceParts = {
  /** The class that is there without a file, and its controller. */
  readonly impliedClass: { readonly name: string; readonly controllerName: string };
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
  /** Told of each change of the view, and when Secrets that were named have been tried. */
  readonly onChange: (change: { readonly changed: readonly ObjectRef[]; readonly kinds: ReadonlySet<string> }) => void;
};

/** Makes a source of either type; nothing is read before `start`. */
export function createSource(settings: SourceSettings, parts: SourceParts): Source {
  return settings.type === "directory" ? directorySource(settings.path, parts) : clusterSource(settings, parts);
}

const NOTHING: View = {
  ingresses: [],
  ingressClasses: [],
  webSocketRoutes: [],
  services: [],
  endpointSlices: [],
  secrets: [],
  referenceGrants: [],
  stale: [],
};

function directorySource(root: string, parts: SourceParts): Source {
  const { impliedClass, log } = parts;
  let manifests: ManifestSource | null = null;
  return {
    start: async () => {
      manifests = await openManifests({
        ...parts,
        root,
        validate: createValidator({ allowLoopback: true, unknownFields: "refuse" }),
        impliedClass: impliedIngressClass(impliedClass.name, impliedClass.controllerName),
        onChange: (change) => {
          tellChanged(change.changed, log);
          parts.onChange(change);
        },
      });
    },
    view: () => manifests?.view() ?? NOTHING,
    problems: () => manifests?.problems() ?? [],
    place: async (fields) => (await manifests?.place(fields)) ?? fields.map(() => null),
    kinds: () => [],
    nameSecrets: () => true,
    close: async () => await manifests?.close(),
  };
}

function clusterSource(settings: Extract<SourceSettings, { type: "cluster" }>, parts: SourceParts): Source {
  const { clock, log } = parts;
  const teller = createChangeTeller(clock, log);
  let cluster: ClusterSource | null = null;
  let isClosed = false;
  return {
    start: async () => {
      const connection = await findConnection(settings.hints, clock);
      if (isClosed) throw new ClosedError("stopped before the cluster was asked");
      log.info({ server: connection.server.origin, namespaces: settings.namespaces }, "reading the cluster");
      if (!connection.isVerified) log.warn({}, "insecure-skip-tls-verify: anybody may pose as the API server");
      cluster = createClusterSource({
        ...parts,
        namespaces: settings.namespaces,
        client: createApiClient(connection, clock),
        validate: createValidator({ allowLoopback: settings.allowLoopback, unknownFields: "ignore" }),
        onChange: (change) => {
          teller.changed(change.changed);
          parts.onChange(change);
        },
      });
      await cluster.start();
    },
    view: () => cluster?.view() ?? NOTHING,
    problems: () => cluster?.problems() ?? [],
    place: (fields) => Promise.resolve(fields.map(() => null)),
    kinds: () => cluster?.kinds() ?? [],
    nameSecrets: (named, again) => cluster?.nameSecrets(named, again) ?? true,
    close: async () => {
      isClosed = true;
      teller.stop();
      await cluster?.close();
    },
  };
}

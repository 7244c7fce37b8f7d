import type { Mutant } from "./mutant.ts";

const SOURCE = "test/kube/cluster-source.test.ts";

/** Reading a cluster. */
export const CLUSTER_MUTANTS: readonly Mutant[] = [
  {
    name: "go-on-where-the-history-is-gone",
    harm: "After a compaction nothing changes any more until the process starts anew.",
    file: "src/kube/reflector.ts",
    find: 'if (failure.type === "expired") relistBecause(run, "expired");',
    replace: 'if (failure.type === "throttled") relistBecause(run, "expired");',
    killedBy: { file: SOURCE, title: "is listed anew after 410, and only what differs is told" },
  },
  {
    name: "serve-without-what-routes-need",
    harm: "A replica that may not read Services says that it is ready, and answers 503 to everybody.",
    file: "src/kube/kind-reader.ts",
    find: "return isAnswered && NEEDED.every((kinds) => isAnyListed(kinds, readers));",
    replace: "return isAnswered;",
    killedBy: {
      file: SOURCE,
      title: "is never done without services: a table that comes of a missing permission routes nothing",
    },
  },
  {
    name: "take-the-last-good-version-of-a-namesake",
    harm: "An object that was deleted goes on under the name of a newer one that cannot be used.",
    file: "src/kube/judge-object.ts",
    find: "known !== undefined && known.uid === raw.uid ? known : undefined",
    replace: "known",
    killedBy: {
      file: SOURCE,
      title: "goes on with the last good version of an object that became invalid, until it is mended or gone",
    },
  },
  {
    name: "read-only-what-is-new",
    harm: "A certificate that was rotated is never served.",
    file: "src/kube/secret-reader.ts",
    find: "if (version === known.version && uid === known.uid) return;",
    replace: "if (uid === known.uid) return;",
    killedBy: {
      file: "test/kube/secret-reader.test.ts",
      title: "are read when they are named, whole once, and looked at again within a minute",
    },
  },
  {
    name: "follow-any-certificate",
    harm: "Whoever stands between a pod and the API server gets its token and says what is routed.",
    file: "src/kube/api-client.ts",
    find: "...credentials,\n",
    replace: "...credentials,\n      rejectUnauthorized: false,\n",
    killedBy: {
      file: "test/kube/api-client.test.ts",
      title: "is refused by a certificate of another CA, and by one for another name",
    },
  },
];

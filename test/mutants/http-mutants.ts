import type { Mutant } from "./mutant.ts";

/** Plain requests. */
export const HTTP_MUTANTS: readonly Mutant[] = [
  {
    name: "leave-delete-length-in",
    harm: "The body of a chunked DELETE becomes the backend's next request, past every rule and policy.",
    file: "src/proxy/http/create-web-proxy.ts",
    find: "  inner.webPasses = passes;\n",
    replace: "",
    killedBy: { file: "test/proxy/http/smuggling.test.ts", title: "keeps a chunked DELETE chunked" },
  },
  {
    name: "take-a-cut-answer-for-a-whole-one",
    harm: "A download whose backend dies ends as if it were complete.",
    file: "src/proxy/http/relay-answer.ts",
    find: "if (!(socket instanceof Socket)) response.destroy();",
    replace: "if (socket !== null) return void response.end(() => socket.end());",
    killedBy: { file: "test/proxy/http/streaming.test.ts", title: "of an answer that is chunked destroys" },
  },
  {
    name: "forward-another-path-than-was-matched",
    harm: "A rule that guards /a%2Fb lets a request through that the backend reads as /a/b.",
    file: "src/proxy/handshake/rewrite-target.ts",
    find: "if (rewrite === null) return path;",
    replace: "if (rewrite === null) return decodeURIComponent(path);",
    killedBy: { file: "test/proxy/http/forward.test.ts", title: "sends the path as it was matched" },
  },
];

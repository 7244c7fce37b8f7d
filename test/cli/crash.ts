import { exitOnCrash } from "../../src/cli/exit-on-crash.ts";

// A process that ends by a defect whose error knows a secret: run by exit-on-crash.test.ts.
exitOnCrash();
const [, , how, secret = ""] = process.argv;
setImmediate(() => {
  if (how === "throws") void new URL(`/?access_token=${secret}`);
  // oxlint-disable-next-line typescript/only-throw-error -- what a careless library might do
  if (how === "throws text") throw secret;
});
if (how === "rejects") await Promise.reject(Object.assign(new Error("refused"), { request: { query: secret } }));
setTimeout(() => {}, 60_000);

import { styleText } from "node:util";
import type { Addresses } from "../app.ts";

/** What the next steps speak of. */
export type NextStepsFacts = {
  readonly addresses: Addresses;
  readonly manifests: string;
  /** The file that clients can be told to trust. */
  readonly certificate: string;
  readonly colour: boolean;
};

/** What a newcomer can do now: every line that begins with `$` can be pasted into another terminal, in the same folder. */
export function nextSteps({ addresses, manifests, certificate, colour }: NextStepsFacts): string {
  const bold = (text: string): string => (colour ? styleText("bold", text, { validateStream: false }) : text);
  const http = `localhost:${addresses.http[0]?.port ?? ""}`;
  const https = `localhost:${addresses.https[0]?.port ?? ""}`;
  const admin = `localhost:${addresses.admin.port}`;
  return [
    "",
    bold("Fairlead is routing."),
    `  manifests     ${manifests}  (edit and save: open sockets stay)`,
    `  ws and http   ${http}`,
    `  wss and https ${https}  (a certificate made for this run)`,
    `  health        http://${admin}/healthz  (and /metrics, /debug)`,
    "",
    bold("Try, in another terminal:"),
    `  # an echo, over ws and over wss`,
    `  $ npx node -e '${echoScript(`ws://${http}/echo`)}'`,
    `  $ NODE_EXTRA_CA_CERTS=${certificate} npx node -e '${echoScript(`wss://${https}/echo`)}'`,
    `  # the same step by step, with times and the certificate`,
    `  $ npm run -s fairlead -- probe wss://${https}/echo --ca-file ${certificate}`,
    `  # which rule answers, and why no other`,
    `  $ npm run -s fairlead -- explain ws://${http}/rewritten/there --manifests ${manifests}`,
    `  # nine of ten go to echo-a, one to echo-b`,
    `  $ for i in 1 2 3 4 5 6 7 8 9 10; do curl -s http://${http}/weights | grep servedBy; done`,
    `  # the backend is asked for /echo/there`,
    `  $ curl -s http://${http}/rewritten/there`,
    `  # a route with a mistake refuses, and the log says which file and line`,
    `  $ curl -i http://${http}/refused`,
    `  # ordinary HTTP, by an Ingress`,
    `  $ curl -s --cacert ${certificate} https://${https}/any/path`,
    "",
    "Ctrl-C says goodbye to every socket with a Close frame (1012), over some seconds, and exits; a second Ctrl-C exits at once.",
    "",
    "",
  ].join("\n");
}

function echoScript(url: string): string {
  return `const s = new WebSocket("${url}"); s.onopen = () => s.send("hello"); s.onmessage = (m) => { console.log(m.data); s.close(); }`;
}

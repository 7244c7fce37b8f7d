import { styleText } from "node:util";
import type { Step } from "./findings.ts";
import type { ProbedTls, ProbeResult } from "./probe-result.ts";

/** A probe for people: each step with its time and what it found, and the verdict last, where the eye is. */
export function printProbe(result: ProbeResult, colour: boolean): string {
  const { finding } = result;
  const lines = result.steps.flatMap(({ step, ms }) => {
    const isLast = finding !== null && step === finding.step;
    const head = `${step.padEnd(10)}${`${ms.toFixed(1)} ms`.padStart(12)}`;
    const [first = isLast ? "failed" : "", ...rest] = DETAILS[step](result);
    return [`${head}   ${first}`.trimEnd(), ...rest.map((line) => `             ${line}`)];
  });
  const notes = result.notes.map(({ code, sentence }) => `note: ${sentence} (${code})`);
  return `${[result.url, "", ...lines, "", ...notes, ...verdict(result, colour)].join("\n")}\n`;
}

const DETAILS: Readonly<Record<Step, (result: ProbeResult) => readonly string[]>> = {
  resolve: ({ addresses }) => (addresses.length === 0 ? [] : [addresses.join(", ")]),
  connect: ({ connectedTo }) => (connectedTo === null ? [] : [connectedTo]),
  tls: ({ tls }) => (tls === null ? [] : describeTls(tls)),
  handshake: describeHandshake,
  ping: ({ pings }) => {
    if (pings === null) return [];
    const { sent, answered, minMs, avgMs, maxMs } = pings;
    const times = minMs === null ? "" : `, round trip min ${showMs(minMs)}, avg ${showMs(avgMs)}, max ${showMs(maxMs)}`;
    return [`${answered} of ${sent} answered${times}`];
  },
  echo: ({ echo }) => {
    if (echo === null) return [];
    const before = echo.before === 0 ? "" : `, ${echo.before} other message${echo.before === 1 ? "" : "s"} came`;
    const results = { same: "came back as they were", other: "did not come back", none: "brought no answer" };
    return [`${echo.bytes} bytes ${results[echo.result]}${before}`];
  },
  close: ({ close }) => {
    if (close === null) return [];
    const { received } = close;
    const reason = received === null || received.reason === "" ? "" : ` "${received.reason}"`;
    return [`sent ${close.sent}, received ${received === null ? "nothing" : `${received.code}${reason}`}`];
  },
};

function describeTls({ protocol, cipher, serverName, certificate, verified, problem }: ProbedTls): readonly string[] {
  const { subject, names, issuer, notBefore, notAfter, fingerprint } = certificate;
  return [
    `${protocol}, ${cipher}, server name ${serverName ?? "(none)"}`,
    `certificate ${subject} for ${names.join(", ") || "no names"}`,
    `issued by ${issuer}, valid ${notBefore} to ${notAfter}`,
    `SHA-256 ${fingerprint}`,
    verified ? "verified: trusted, in date, for this name" : `not accepted: ${problem}`,
  ];
}

function describeHandshake({ request, response, subprotocol, extensions }: ProbeResult): readonly string[] {
  if (request === null) return [];
  const sent = [request.line, ...request.fields].map((line) => `> ${line}`);
  if (response === null) return ["no answer", ...sent];
  const { status, reason, fields, body } = response;
  const got = [`HTTP/1.1 ${status} ${reason}`.trimEnd(), ...fields].map((line) => `< ${line}`);
  const agreed =
    status === 101
      ? `101, subprotocol ${subprotocol ?? "none"}, extensions ${extensions ?? "none"}`
      : `${status} ${reason}`;
  return [agreed, ...sent, ...got, ...(body === "" ? [] : ["<", `< ${body}`])];
}

function verdict({ finding, steps }: ProbeResult, colour: boolean): readonly string[] {
  const paint = (style: "green" | "red", text: string): string =>
    colour ? styleText([style, "bold"], text, { validateStream: false }) : text;
  if (finding === null) {
    const total = steps.reduce((sum, step) => sum + step.ms, 0);
    return [`${paint("green", "healthy")}: every step was done, in ${showMs(total)}.`];
  }
  const { step, code, sentence, look, reference } = finding;
  return [`${paint("red", "failed")} at ${step} (${code}): ${sentence}`, look, `See ${reference}`];
}

function showMs(value: number | null): string {
  return `${(value ?? 0).toFixed(1)} ms`;
}

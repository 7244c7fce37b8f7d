import type { LookupAddress } from "node:dns";
import { onTestFinished } from "vitest";
import { systemClock } from "../../../src/base/system-clock.ts";
import { PROBE_FINDINGS, type ProbeCode } from "../../../src/cli/probe/findings.ts";
import { type ProbePorts, probe } from "../../../src/cli/probe/probe.ts";
import type { ProbeOptions } from "../../../src/cli/probe/probe-options.ts";
import type { ProbeResult } from "../../../src/cli/probe/probe-result.ts";
import { parseRequestUrl } from "../../../src/cli/request-url.ts";
import { acceptFor } from "../../../src/proxy/handshake/check-switch.ts";
import { listenRaw, type RawBackend } from "../../harness/raw-backend.ts";
import type { RawPeer } from "../../harness/raw-client.ts";

/** A limit that no machine is too slow for. */
export const PATIENT_MS = 15_000;

/** The options of a probe that does everything, on a loopback that every name leads to. */
export function optionsFor(url: string, changes: Partial<ProbeOptions> = {}): ProbeOptions {
  const parsed = parseRequestUrl(url);
  if (!parsed.ok) throw new Error(`not a URL: ${url}`);
  return {
    url: parsed.value,
    connectTo: null,
    insecure: false,
    ca: null,
    serverName: null,
    timeoutMs: PATIENT_MS,
    headers: [],
    subprotocols: [],
    compression: true,
    pings: 2,
    message: "hello, echo",
    ...changes,
  };
}

/** Probes, with every name leading to loopback. Checks that a finding is told by its table. */
export async function probeUrl(
  url: string,
  changes: Partial<ProbeOptions> = {},
  ports: Partial<ProbePorts> = {},
): Promise<ProbeResult> {
  const lookup = (): Promise<readonly LookupAddress[]> => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
  const result = await probe(optionsFor(url, changes), { clock: systemClock, lookup, ...ports });
  const { finding } = result;
  if (finding === null) return result;
  seen.add(finding.code);
  if (/(?<!u)\{|unknown/.test(finding.sentence)) throw new Error(`a fact is missing: ${finding.sentence}`);
  return result;
}

const seen = new Set<ProbeCode>();

/** The findings that no probe of this file has met yet. */
export function unseen(): readonly string[] {
  return Object.keys(PROBE_FINDINGS).filter((code) => !seen.has(code as ProbeCode));
}

/** Counts a finding that was met without a probe. */
export function saw(code: ProbeCode): void {
  seen.add(code);
}

/** A server that is scripted; closed after the test. */
export async function serveRaw(script: (peer: RawPeer) => void | Promise<void>): Promise<RawBackend> {
  const server = await listenRaw(script);
  onTestFinished(server.close);
  return server;
}

/** A server that answers every handshake with a good 101, and then does what the script says. */
export async function serveSwitch(script: (peer: RawPeer) => void | Promise<void>, more = ""): Promise<RawBackend> {
  return await serveRaw(async (peer) => {
    await peer.send(await switchFor(peer, more));
    await script(peer);
  });
}

/** The 101 that answers what a peer asks for. */
export async function switchFor(peer: RawPeer, more = ""): Promise<string> {
  const head = (await peer.until("\r\n\r\n", PATIENT_MS)).toString("latin1");
  const [, key = ""] = /^sec-websocket-key: (.*)$/im.exec(head) ?? [];
  const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n${more}`;
  return `HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`;
}

/** A short unmasked frame, as a server sends it. */
export function serverFrame(first: number, payload: string | Uint8Array = ""): Buffer {
  const bytes = Buffer.from(payload as string);
  return Buffer.concat([Buffer.of(first, bytes.length), bytes]);
}

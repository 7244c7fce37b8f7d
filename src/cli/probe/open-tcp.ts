import type { LookupAddress } from "node:dns";
import { connect, isIP, type Socket } from "node:net";
import type { Clock } from "../../base/ports.ts";
import { formatAddress } from "../../proxy/listen/bind.ts";
import { escapeText } from "../escape-text.ts";
import { showDuration } from "../show-duration.ts";
import { ProbeError } from "./findings.ts";

/** Looks a name up as the system does; rejects with an error that has a code. */
export type Lookup = (host: string) => Promise<readonly LookupAddress[]>;

/** Where a probe connects, and how long each step may take. */
export type TcpTarget = { readonly host: string; readonly port: number; readonly timeoutMs: number };

/** The addresses of a host, which may be an IP address itself. Throws ProbeError. */
export async function resolveHost(
  { host, timeoutMs }: TcpTarget,
  lookup: Lookup,
  clock: Clock,
): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const late = Promise.withResolvers<never>();
  const timer = clock.after(timeoutMs, () =>
    late.reject(new ProbeError("ResolveTimeout", { host, limit: showDuration(timeoutMs) })),
  );
  try {
    const found = await Promise.race([lookup(host), late.promise]);
    if (found.length === 0) throw new ProbeError("NameNotFound", { host, reason: "no addresses" });
    return found;
  } catch (error) {
    throw error instanceof ProbeError ? error : resolveError(host, error as NodeJS.ErrnoException);
  } finally {
    timer.stop();
  }
}

/** Connects to the first of the addresses that accepts. Throws ProbeError. */
export function connectTcp(
  { host, port, timeoutMs }: TcpTarget,
  addresses: readonly LookupAddress[],
  clock: Clock,
): Promise<Socket> {
  const named = addresses.map((each) => formatAddress({ host: each.address, port })).join(", ");
  const socket = connect({
    host,
    port,
    noDelay: true,
    autoSelectFamily: addresses.length > 1,
    // Each address gets its share of the time: one that drops packets must not hide the others.
    autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(timeoutMs / addresses.length)),
    lookup: (_name, options, answer) => {
      const [first] = addresses;
      if (options.all === true) answer(null, [...addresses]);
      else answer(null, first?.address ?? "", first?.family ?? 0);
    },
  });
  return new Promise((resolve, reject) => {
    const fail = (error: ProbeError): void => {
      timer.stop();
      // A stray error after this has nobody to tell, but must not end the process.
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const timer = clock.after(timeoutMs, () =>
      fail(new ProbeError("ConnectTimeout", { addresses: named, limit: showDuration(timeoutMs) })),
    );
    const onError = (error: NodeJS.ErrnoException): void => fail(connectError(named, timeoutMs, error));
    socket.once("error", onError);
    socket.once("connect", () => {
      timer.stop();
      socket.off("error", onError);
      resolve(socket);
    });
  });
}

function resolveError(host: string, { code = "", message }: NodeJS.ErrnoException): ProbeError {
  const reason = escapeText(code === "" ? message : code, 200);
  const isUnknown = code === "ENOTFOUND" || code === "ENODATA";
  return new ProbeError(isUnknown ? "NameNotFound" : "ResolveFailed", { host, reason });
}

/** What the system says of a connection that failed, of the first address if there were several. */
export function connectError(addresses: string, timeoutMs: number, error: NodeJS.ErrnoException): ProbeError {
  const { code = "" } = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  const facts = { addresses, reason: escapeText(code === "" ? error.message : code, 200) };
  if (code === "ECONNREFUSED") return new ProbeError("ConnectionRefused", facts);
  if (code === "ETIMEDOUT") return new ProbeError("ConnectTimeout", { ...facts, limit: showDuration(timeoutMs) });
  const isUnreachable = code === "EHOSTUNREACH" || code === "ENETUNREACH";
  return new ProbeError(isUnreachable ? "HostUnreachable" : "ConnectFailed", facts);
}

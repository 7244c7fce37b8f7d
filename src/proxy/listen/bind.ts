import type { Server } from "node:net";
import { CodedError } from "../../base/error-codes.ts";

/** An address to listen on: a host name or IP literal without brackets, `::` for every address of both families; port 0 picks a free one. */
export type ListenAddress = { readonly host: string; readonly port: number };

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use by another process",
  EADDRNOTAVAIL: "the address is not one of this machine's",
  EACCES: "this process may not use the port",
  ENOTFOUND: "the host name is unknown",
};

/** Makes a server listen; resolves to the address that it got. Rejects with an error that names the address and says what is wrong. */
export function bind(server: Server, address: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const code = error.code === "EADDRINUSE" ? "AddressInUse" : "CannotListen";
      const sentence = `cannot listen on ${formatAddress(address)}: ${reasonOf(error)}`;
      reject(new CodedError(code, sentence, { cause: error }));
    };
    server.once("error", failed);
    // Without a host Node falls back to IPv4 where the machine has no IPv6.
    const host = address.host === "::" ? {} : { host: address.host };
    server.listen({ ...host, port: address.port, backlog: 4096 }, () => {
      server.off("error", failed);
      const bound = server.address();
      resolve(bound === null || typeof bound === "string" ? address : { host: bound.address, port: bound.port });
    });
  });
}

/** HOST:PORT, an IPv6 host in brackets. */
export function formatAddress({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  const code = error.code ?? "unknown error";
  const reason = REASONS[code];
  return reason === undefined ? error.message : `${reason} (${code})`;
}

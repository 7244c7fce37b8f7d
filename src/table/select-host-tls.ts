import { finish, type Work } from "../base/work.ts";
import type { CertificateTable, HostTls } from "./certificate-table.ts";
import { findHost, type HostIndex, indexHosts } from "./host-index.ts";

/** A certificate table that is ready to be searched by server name. */
export type HostTlsIndex = {
  readonly table: CertificateTable;
  readonly hosts: HostIndex<HostTls>;
};

/** Makes a certificate table ready to be searched, now. */
export function compileHostTls(table: CertificateTable): HostTlsIndex {
  return finish(indexHostTls(table));
}

/** Makes a certificate table ready to be searched. */
export function* indexHostTls(table: CertificateTable): Work<HostTlsIndex> {
  return { table, hosts: yield* indexHosts(table.hosts, (host) => [host.host, host]) };
}

/** The TLS settings that are a host's own, by the precedence of hosts; null when only the fallback would serve it (or none): such a host is never redirected to https. */
export function findOwnHostTls(index: HostTlsIndex, name: string): HostTls | null {
  return findHost(index.hosts, name);
}

/** The TLS settings that serve a lower-cased server name, or null for a ClientHello without one; null refuses the connection. */
export function selectHostTls(index: HostTlsIndex, serverName: string | null): HostTls | null {
  const own = serverName === null ? null : findOwnHostTls(index, serverName);
  return own ?? index.table.fallback;
}

/** Whether requests for `host` may come on a connection that was opened for `serverName`; if not, they are answered 421 (RFC 9110 15.5.20). */
export function mayShareConnection(index: HostTlsIndex, serverName: string | null, host: string): boolean {
  const opened = selectHostTls(index, serverName);
  const wanted = selectHostTls(index, host);
  return opened !== null && wanted !== null && haveEqualSettings(opened, wanted);
}

function haveEqualSettings(left: HostTls, right: HostTls): boolean {
  return (
    left.minVersion === right.minVersion &&
    left.certificates.length === right.certificates.length &&
    left.certificates.every((id, at) => id === right.certificates[at])
  );
}

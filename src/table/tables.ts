import type { CertificateTable } from "./certificate-table.ts";
import type { EndpointTable } from "./endpoint-table.ts";
import type { RoutingTable } from "./routing-table.ts";

/** All that the data plane is told. Each is swapped by reference on its own, because they change at different speeds. */
export type Tables = {
  readonly routing: RoutingTable;
  readonly endpoints: EndpointTable;
  readonly certificates: CertificateTable;
};

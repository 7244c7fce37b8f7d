import packageFile from "../package.json" with { type: "json" };
import type { Control } from "./control.ts";
import type { DataPlane } from "./data-plane.ts";
import { createExposition, type Exposition } from "./observe/exposition.ts";
import { type CertificateFigure, type Figures, PROBLEM_REASONS, type TABLE_NAMES } from "./observe/figures.ts";
import type { Meters } from "./observe/meters.ts";
import { readProcess } from "./observe/process-figures.ts";
import type { CertificateTable, HostTls } from "./table/certificate-table.ts";
import { hostText } from "./translate/hosts.ts";

/** What is measured. */
export type Measured = {
  readonly meters: Meters;
  readonly plane: Pick<DataPlane, "live" | "connections" | "inFlight" | "overload">;
  readonly control: Pick<Control, "figures">;
  readonly log: () => Figures["log"];
  readonly tracing: { readonly figures: () => Figures["spans"] };
  readonly ready: () => boolean;
};

/** Has the meters told of every WebSocket that opens, and makes the exposition of everything that is counted. */
export function measure(measured: Measured): Exposition {
  const { meters, plane } = measured;
  const { connections } = plane;
  connections.watch({
    opened: (id) => {
      const connection = connections.get(id);
      if (connection !== undefined) meters.opened(connection.head);
    },
    ended: () => {},
  });
  const readCertificates = createCertificateReader();
  return createExposition({
    histograms: meters.histograms,
    figures: async () => {
      const process = await readProcess();
      const certificates = readCertificates(plane.live.hostTls().table);
      return { ...figuresOf(measured), process, certificates };
    },
  });
}

function figuresOf({
  meters,
  plane,
  control,
  log,
  tracing,
  ready,
}: Measured): Omit<Figures, "scrape" | "process" | "certificates"> {
  const { routes, problemsByReason, kinds } = control.figures();
  const ages = plane.live.ages();
  const byTable = <Value>(read: (age: typeof ages.routing) => Value): Record<(typeof TABLE_NAMES)[number], Value> => ({
    routing: read(ages.routing),
    endpoints: read(ages.endpoints),
    certificates: read(ages.certificates),
  });
  return {
    version: packageFile.version,
    ready: ready(),
    connections: plane.connections.counts(),
    inFlight: plane.inFlight(),
    ...meters.figures(),
    table: { routes, problems: new Map(PROBLEM_REASONS.map((reason) => [reason, problemsByReason.get(reason) ?? 0])) },
    overload: plane.overload.figures(),
    kinds,
    ages: byTable(({ version, ageMs }) => (version === 0 ? null : ageMs)),
    swaps: byTable(({ version }) => version),
    log: log(),
    spans: tracing.figures(),
  };
}

/** Remembers what it read of a table, which is swapped seldom. */
function createCertificateReader(): (table: CertificateTable) => readonly CertificateFigure[] {
  let last: { readonly table: CertificateTable; readonly figures: readonly CertificateFigure[] } | null = null;
  return (table) => {
    if (last?.table !== table) last = { table, figures: certificateFigures(table) };
    return last.figures;
  };
}

/** The certificates of each host, those that end first first: they are the ones that a cap must not leave out. */
export function certificateFigures({ certificates, hosts, fallback }: CertificateTable): readonly CertificateFigure[] {
  const figures = new Map<string, CertificateFigure>();
  for (const tls of fallback === null ? hosts : [...hosts, fallback]) {
    for (const figure of figuresOfHost(tls, certificates)) {
      const key = `${figure.host} ${figure.secret}`;
      const known = figures.get(key);
      if (known === undefined || figure.notAfterMs < known.notAfterMs) figures.set(key, figure);
    }
  }
  return [...figures.values()].toSorted((one, other) => one.notAfterMs - other.notAfterMs);
}

function figuresOfHost(tls: HostTls, certificates: CertificateTable["certificates"]): readonly CertificateFigure[] {
  return tls.certificates.flatMap((id) => {
    const certificate = certificates.get(id);
    if (certificate === undefined) return [];
    const { secret, notAfterMs } = certificate;
    return [{ host: hostText(tls.host), secret: secret ?? "", notAfterMs }];
  });
}

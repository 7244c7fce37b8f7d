import { expect, it } from "vitest";
import { certificateFigures } from "../src/measure.ts";
import type { Certificate, HostTls } from "../src/table/certificate-table.ts";
import type { HostPattern } from "../src/table/routing-table.ts";
import { makeCertificate } from "./harness/make-certificate.ts";

function served(host: HostPattern, ...certificates: readonly Certificate[]): HostTls {
  return { host, certificates: certificates.map(({ id }) => id), minVersion: "TLSv1.2" };
}

it("the certificates of a table are told by host and Secret, those that end first first", async () => {
  const made = await makeCertificate("a.example");
  const soon = { ...made, id: "soon", secret: "web/soon", notAfterMs: 1_000 };
  const later = { ...made, id: "later", secret: "web/later", notAfterMs: 2_000 };
  const latest = { ...made, id: "latest", secret: null, notAfterMs: 3_000 };
  const figures = certificateFigures({
    certificates: new Map([soon, later, latest].map((each) => [each.id, each])),
    hosts: [
      served({ type: "exact", name: "a.example" }, later, soon),
      // Two patterns that are written alike: one series, for what ends first.
      served({ type: "one-label", suffix: "example" }, later),
      served({ type: "many-labels", suffix: "example" }, later),
    ],
    fallback: served({ type: "any" }, latest),
    ticketKeys: null,
  });
  expect(figures).toEqual([
    { host: "a.example", secret: "web/soon", notAfterMs: 1_000 },
    { host: "a.example", secret: "web/later", notAfterMs: 2_000 },
    { host: "*.example", secret: "web/later", notAfterMs: 2_000 },
    { host: "*", secret: "", notAfterMs: 3_000 },
  ]);
});

it("a table without certificates tells of none", () => {
  expect(certificateFigures({ certificates: new Map(), hosts: [], fallback: null, ticketKeys: null })).toEqual([]);
});

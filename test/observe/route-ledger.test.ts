import { describe, expect, it } from "vitest";
import type { RelayedReport, ReportHead, RuleName } from "../../src/base/report.ts";
import { finish } from "../../src/base/work.ts";
import { createRouteLedger, type RouteLedger } from "../../src/observe/route-ledger.ts";
import { answered, HEAD, refused, relayed } from "./make-report.ts";

const CHAT: RuleName = { kind: "WebSocketRoute", namespace: "apps", name: "chat", rule: "v2" };
const SERVICE = "apps/chat:8080";
const SERVED = [{ name: CHAT, services: [SERVICE] }];

/** Opens a connection that reads so many bytes from its client, as the data plane does. */
function open(ledger: RouteLedger, bytes: number, head: ReportHead = HEAD): void {
  const { client } = ledger.tallies(head.route ?? CHAT, head.service ?? "");
  ledger.opened(head);
  client.bytes += bytes;
  client.messages += 1;
}

function end(change: Partial<RelayedReport> = {}): RelayedReport {
  return { ...relayed("client", "client"), ...change };
}

function show(ledger: RouteLedger): readonly string[] {
  return [...ledger.accounts()].flatMap(({ rule, accepted, services }) =>
    [...services.values()].map(
      ({ service, open: count, tallies }) =>
        `${rule.kind}/${rule.name}/${rule.rule} -> ${service}: ${accepted} accepted, ${count} open, ${tallies.client.bytes} in`,
    ),
  );
}

describe("the account of a rule", () => {
  it("is there at 0 as soon as the rule is served", () => {
    const ledger = createRouteLedger();
    finish(ledger.follow(SERVED));
    expect(show(ledger)).toEqual(["WebSocketRoute/chat/v2 -> apps/chat:8080: 0 accepted, 0 open, 0 in"]);
  });

  it("shows bytes while a connection lives, and counts an end once", () => {
    const ledger = createRouteLedger();
    finish(ledger.follow(SERVED));
    open(ledger, 100);
    open(ledger, 11);
    expect(show(ledger)).toEqual(["WebSocketRoute/chat/v2 -> apps/chat:8080: 2 accepted, 2 open, 111 in"]);
    ledger.reported(end({ cause: "idle", by: "proxy" }));
    expect(show(ledger)).toEqual(["WebSocketRoute/chat/v2 -> apps/chat:8080: 2 accepted, 1 open, 111 in"]);
    const [account] = ledger.accounts();
    expect([...(account?.ended.values() ?? [])]).toEqual([{ cause: "idle", by: "proxy", count: 1 }]);
  });

  it("counts handshakes that failed by whose fault it was, and no plain request", () => {
    const ledger = createRouteLedger();
    finish(ledger.follow(SERVED));
    const reports = [
      { ...answered(200), upgrade: true },
      answered(200),
      refused("ForbiddenOrigin"),
      refused("ConnectFailed"),
      refused("NoReadyEndpoint"),
      refused("RouteRefused"),
      refused("Draining"),
      { ...refused("ConnectFailed"), upgrade: false },
      { ...refused("NoRoute"), route: null },
    ];
    for (const report of reports) ledger.reported(report);
    const [account] = ledger.accounts();
    expect(Object.fromEntries(account?.failed ?? [])).toEqual({
      declined: 1,
      "client-error": 1,
      "backend-error": 2,
      "config-error": 1,
      "proxy-error": 1,
    });
    expect(account?.accepted).toBe(0);
  });

  it("goes on through every swap of tables that have the rule", () => {
    const ledger = createRouteLedger();
    for (let swap = 0; swap < 5; swap += 1) {
      // Each translation makes names of its own.
      finish(ledger.follow([{ name: { ...CHAT }, services: [SERVICE] }]));
      open(ledger, 10);
    }
    expect(show(ledger)).toEqual(["WebSocketRoute/chat/v2 -> apps/chat:8080: 5 accepted, 5 open, 50 in"]);
  });

  it("goes with the rule, and with its last connection if that ends later", () => {
    const ledger = createRouteLedger();
    finish(ledger.follow(SERVED));
    open(ledger, 5);
    open(ledger, 6);
    finish(ledger.follow([]));
    expect(show(ledger)).toEqual(["WebSocketRoute/chat/v2 -> apps/chat:8080: 2 accepted, 2 open, 11 in"]);
    ledger.reported(end());
    expect(show(ledger)).toHaveLength(1);
    ledger.reported(end());
    expect([...ledger.accounts()]).toEqual([]);
    ledger.reported(refused("ConnectFailed"));
    expect([...ledger.accounts()]).toEqual([]);
    expect(ledger.totals().client).toMatchObject({ bytes: 11, messages: 2 });
  });

  it("keeps apart an Ingress and a WebSocketRoute of one name", () => {
    const ledger = createRouteLedger();
    const ingress: RuleName = { ...CHAT, kind: "Ingress" };
    finish(ledger.follow([...SERVED, { name: ingress, services: [SERVICE] }]));
    open(ledger, 3, { ...HEAD, route: ingress });
    expect(show(ledger)).toEqual([
      "WebSocketRoute/chat/v2 -> apps/chat:8080: 0 accepted, 0 open, 0 in",
      "Ingress/chat/v2 -> apps/chat:8080: 1 accepted, 1 open, 3 in",
    ]);
  });

  it("keeps a service that the rule left until its connections have ended", () => {
    const ledger = createRouteLedger();
    finish(ledger.follow(SERVED));
    open(ledger, 5);
    finish(ledger.follow([{ name: CHAT, services: ["apps/canary:8080"] }]));
    expect(show(ledger)).toHaveLength(2);
    ledger.reported(end());
    expect(show(ledger)).toEqual(["WebSocketRoute/chat/v2 -> apps/canary:8080: 1 accepted, 0 open, 0 in"]);
  });
});

it("the totals are those of all rules, of removed ones too, and never fall", () => {
  const ledger = createRouteLedger();
  let last = 0;
  for (let round = 0; round < 50; round += 1) {
    const name = { ...CHAT, rule: String(round % 7) };
    if (round % 3 === 0) finish(ledger.follow([{ name, services: [SERVICE] }]));
    const head = { ...HEAD, route: name };
    open(ledger, 10, head);
    if (round % 2 === 0) ledger.reported(end({ route: name }));
    const { bytes } = ledger.totals().client;
    expect(bytes).toBeGreaterThan(last);
    last = bytes;
  }
  expect(last).toBe(500);
});

import type { Both } from "../../base/endings.ts";
import type { FlowTally } from "../../base/flow-tally.ts";
import type { LabelName } from "../labels.ts";
import type { Metric, Sample } from "../metric.ts";
import type { RouteAccount, ServiceAccount } from "../route-ledger.ts";

const RULE = ["kind", "namespace", "route", "rule"] as const satisfies readonly LabelName[];

/**
 * What is counted of each rule. A rule has series while it is served or a connection of it is open; failures and ends
 * have one from their first on.
 */
export const ROUTE_METRICS: readonly Metric[] = [
  ofServices({
    name: "fairlead_route_connections_open",
    help: "WebSockets that are open, by rule and service.",
    type: "gauge",
    labels: [],
    read: ({ open }) => [{ labels: {}, value: open }],
  }),
  ofRules({
    name: "fairlead_route_handshakes_total",
    help: "Handshakes by rule and outcome.",
    type: "counter",
    labels: ["outcome"],
    read: ({ accepted, failed }) => [
      { labels: { outcome: "accepted" }, value: accepted },
      ...[...failed].map(([outcome, value]) => ({ labels: { outcome }, value })),
    ],
  }),
  ofRules({
    name: "fairlead_route_connections_ended_total",
    help: "WebSockets that have ended, by rule, why and by whom.",
    type: "counter",
    labels: ["cause", "by"],
    read: ({ ended }) => [...ended.values()].map(({ cause, by, count }) => ({ labels: { cause, by }, value: count })),
  }),
  ofServices({
    name: "fairlead_route_relay_bytes_total",
    help: "Bytes of WebSockets, of open ones too, by rule and service.",
    type: "counter",
    labels: ["direction"],
    read: ({ tallies }) => directions(tallies, ({ bytes }) => bytes),
  }),
  ofServices({
    name: "fairlead_route_relay_messages_total",
    help: "Messages of WebSockets, of open ones too, by rule and service.",
    type: "counter",
    labels: ["direction"],
    read: ({ tallies }) => directions(tallies, ({ messages }) => messages),
  }),
  ofServices({
    name: "fairlead_route_relay_queued_bytes",
    help: "Bytes that were read and wait for a slow reader, by rule and service, where any wait.",
    type: "gauge",
    labels: ["direction"],
    read: ({ tallies }) => directions(tallies, ({ queuedBytes }) => queuedBytes).filter(({ value }) => value > 0),
  }),
];

type Row<Subject> = Omit<Metric, "collect"> & { readonly read: (subject: Subject) => readonly Sample[] };

function ofRules({ read, ...row }: Row<RouteAccount>): Metric {
  return {
    ...row,
    labels: [...RULE, ...row.labels],
    *collect({ routes }) {
      for (const account of routes) yield* withLabels(ruleLabels(account), read(account));
    },
  };
}

function ofServices({ read, ...row }: Row<ServiceAccount>): Metric {
  return {
    ...row,
    labels: [...RULE, "service", ...row.labels],
    *collect({ routes }) {
      for (const account of routes) {
        const rule = ruleLabels(account);
        // All at once: between two samples the event loop may turn, and the account change.
        yield* [...account.services.values()].flatMap((service) =>
          withLabels({ ...rule, service: service.service }, read(service)),
        );
      }
    },
  };
}

function ruleLabels({ rule: { kind, namespace, name, rule } }: RouteAccount): Sample["labels"] {
  return { kind, namespace, route: name, rule };
}

function withLabels(labels: Sample["labels"], samples: readonly Sample[]): readonly Sample[] {
  return samples.map((sample) => ({ labels: { ...labels, ...sample.labels }, value: sample.value }));
}

function directions(
  { client, backend }: Both<Readonly<FlowTally>>,
  read: (tally: Readonly<FlowTally>) => number,
): readonly Sample[] {
  return [
    { labels: { direction: "in" }, value: read(client) },
    { labels: { direction: "out" }, value: read(backend) },
  ];
}

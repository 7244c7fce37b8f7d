import type { Both } from "../../base/endings.ts";
import type { FlowTally } from "../../base/flow-tally.ts";
import { counter, gauge, type Metric, type Sample } from "../metric.ts";
import { type CloseCounts, PEERS } from "../outcomes.ts";

/** What is counted of all connections and requests together: every series is there from the start, at 0. */
export const CONNECTION_METRICS: readonly Metric[] = [
  gauge("fairlead_connections_open", "WebSockets that are open.", ({ connections }) => connections.open),
  gauge(
    "fairlead_connections_closing",
    "Of the open WebSockets, those to which goodbye has been said.",
    ({ connections }) => connections.closing,
  ),
  counter("fairlead_connections_opened_total", "WebSockets that were opened.", ({ connections }) => connections.total),
  {
    name: "fairlead_connections_ended_total",
    help: "WebSockets that have ended, by why and by whom.",
    type: "counter",
    labels: ["cause", "by"],
    collect: ({ outcomes }) =>
      [...outcomes.ended].flatMap(([cause, counts]) =>
        Object.entries(counts).map(([by, value]) => ({ labels: { cause, by }, value })),
      ),
  },
  counter(
    "fairlead_connections_unclean_total",
    "WebSockets that have ended with bytes undelivered, by a reset or by force.",
    ({ connections }) => connections.unclean,
  ),
  counter(
    "fairlead_connections_stray_total",
    "Openings and ends that fit no WebSocket; above zero is a defect.",
    ({ connections }) => connections.strays,
  ),
  {
    name: "fairlead_close_codes_total",
    help: "Close codes of WebSockets that have ended: each counts once as received and once as sent, for either peer.",
    type: "counter",
    labels: ["peer", "way", "code"],
    collect: ({ outcomes }) => PEERS.flatMap((peer) => closesOf(peer, outcomes.closes[peer])),
  },

  byDirection("counter", "fairlead_relay_bytes_total", "Bytes of WebSockets, of open ones too.", ({ bytes }) => bytes),
  byDirection(
    "counter",
    "fairlead_relay_frames_total",
    "Frames of WebSockets, of open ones too.",
    ({ frames }) => frames,
  ),
  byDirection(
    "counter",
    "fairlead_relay_messages_total",
    "Messages of WebSockets, of open ones too.",
    ({ messages }) => messages,
  ),
  byDirection(
    "gauge",
    "fairlead_relay_queued_bytes",
    "Bytes that were read and wait for a slow reader.",
    ({ queuedBytes }) => queuedBytes,
  ),
  {
    name: "fairlead_relay_undelivered_bytes_total",
    help: "Bytes that were read and never accepted by the other peer, of WebSockets that have ended.",
    type: "counter",
    labels: ["direction"],
    collect: ({ outcomes }) => directions(outcomes.undeliveredBytes),
  },

  gauge(
    "fairlead_handshakes_in_flight",
    "Handshakes between request head and 101, refusal or answer.",
    ({ inFlight }) => inFlight.handshakes,
  ),
  gauge(
    "fairlead_requests_in_flight",
    "Ordinary requests that are being answered.",
    ({ inFlight }) => inFlight.requests,
  ),
  {
    name: "fairlead_requests_refused_total",
    help: "Handshakes and requests that Fairlead answered itself, by failure.",
    type: "counter",
    labels: ["failure"],
    collect: ({ outcomes }) => [...outcomes.refused].map(([failure, value]) => ({ labels: { failure }, value })),
  },
  {
    name: "fairlead_requests_answered_total",
    help: "Requests, and handshakes that were declined, that a backend answered over ordinary HTTP.",
    type: "counter",
    labels: ["class"],
    collect: ({ outcomes }) => [...outcomes.answered].map(([name, value]) => ({ labels: { class: name }, value })),
  },
  counter(
    "fairlead_requests_incomplete_total",
    "Of the answered requests, those whose answer was cut short.",
    ({ outcomes }) => outcomes.incomplete,
  ),
];

function byDirection(
  type: Metric["type"],
  name: string,
  help: string,
  read: (tally: Readonly<FlowTally>) => number,
): Metric {
  return {
    name,
    help,
    type,
    labels: ["direction"],
    collect: ({ relayed: { client, backend } }) => directions({ client: read(client), backend: read(backend) }),
  };
}

function directions({ client, backend }: Both<number>): readonly Sample[] {
  return [
    { labels: { direction: "in" }, value: client },
    { labels: { direction: "out" }, value: backend },
  ];
}

function closesOf(peer: string, counts: CloseCounts): readonly Sample[] {
  return (["received", "sent"] as const).flatMap((way) =>
    [...counts[way]].map(([code, value]) => ({ labels: { peer, way, code }, value })),
  );
}

/** One row of the table: what the proxies do while they are measured. */
export type Case = {
  readonly name: string;
  /** `echo`: CPU a message. `handshake`: CPU a handshake with one message and a close. `idle`: resident memory a pair. */
  readonly kind: "echo" | "handshake" | "idle";
  readonly tls: boolean;
  readonly sockets: number;
  readonly bytes: number;
  /** Open and silent during the measurement. */
  readonly beside: number;
  /** `base` rows are compared with the targets; `growth` rows repeat them with more sockets. */
  readonly tier: "base" | "growth";
};

/** The most proxied sockets at two descriptors each, with some to spare, below the usual limit of 20 000 a process. */
const MANY = 9_000;

const SIZES = [
  { title: "64 B", bytes: 64, sockets: 100 },
  { title: "1 KiB", bytes: 1_024, sockets: 100 },
  { title: "16 KiB", bytes: 16_384, sockets: 50 },
] as const;

/** Every case, in the order of the table's rows. */
export const CASES: readonly Case[] = [
  ...both((tls) => SIZES.map((size) => echo(size, size.sockets, tls, "base"))),
  ...both((tls) => [handshakes(0, tls, "base")]),
  ...both((tls) => [idle(MANY, tls, "base")]),
  ...both((tls) => SIZES.map((size) => echo(size, MANY, tls, "growth"))),
  ...both((tls) => [echo(SIZES[0], 1_000, tls, "growth")]),
  ...both((tls) => [handshakes(MANY, tls, "growth")]),
  ...both((tls) => [idle(100, tls, "growth"), idle(1_000, tls, "growth")]),
];

function both(make: (tls: boolean) => readonly Case[]): readonly Case[] {
  return [...make(false), ...make(true)];
}

function echo(size: (typeof SIZES)[number], sockets: number, tls: boolean, tier: Case["tier"]): Case {
  const name = `${size.title}${tls ? " TLS" : ""}, ${sockets} sockets`;
  return { name, kind: "echo", tls, sockets, bytes: size.bytes, beside: 0, tier };
}

function handshakes(beside: number, tls: boolean, tier: Case["tier"]): Case {
  const name = `handshake${tls ? " TLS" : ""}${beside === 0 ? "" : `, ${beside} sockets open`}`;
  return { name, kind: "handshake", tls, sockets: 50, bytes: 64, beside, tier };
}

function idle(sockets: number, tls: boolean, tier: Case["tier"]): Case {
  const name = `idle pair${tls ? " TLS" : ""}, ${sockets} pairs`;
  return { name, kind: "idle", tls, sockets, bytes: 64, beside: 0, tier };
}

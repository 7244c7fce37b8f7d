import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeCertificate } from "../../harness/make-certificate.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import { wrapSocket } from "../../harness/raw-client.ts";
import { ANSWER, closeFrame, openWorld, REQUEST, readAll, spell, type World } from "./relay-world.ts";

const { pem } = await makeCertificate("localhost");
const text = (from: "client" | "backend", payload: string) => makeFrame(from, { opcode: 1, payload });

describe("a client over TLS", () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ tls: { key: pem.key, cert: pem.chain, maxVersion: "TLSv1.2" } });
  });
  afterEach(() => world.close());

  it("is relayed on the socket that Node made, with its early bytes", async () => {
    const lane = await world.open({}, text("client", "early"));
    expect(lane.sides.client.facts.tls).toMatchObject({ protocol: "TLSv1.2" });
    const large = makeFrame("client", { opcode: 2, payload: Buffer.alloc(1_000_000, 4) });
    await lane.client.send(large);
    await readAll(lane.backend, 11 + large.length);
    expect(lane.backend.received().equals(Buffer.concat([text("client", "early"), large]))).toBe(true);
    const back = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(1_000_000, 5) });
    await lane.backend.send(back);
    await readAll(lane.client, ANSWER.length + back.length);
    expect(lane.clientGot().equals(Buffer.from(back))).toBe(true);
  });

  it("may renegotiate while bytes are written to it, and the process lives", async () => {
    const socket = connect({ port: world.port, host: "127.0.0.1", rejectUnauthorized: false, maxVersion: "TLSv1.2" });
    const client = wrapSocket(socket);
    await new Promise<void>((resolve) => {
      socket.once("secureConnect", resolve);
    });
    const { backend, side } = await world.dial();
    const adopted = new Promise<Parameters<World["start"]>[0]["client"]>((resolve) => {
      world.nextUpgrade(resolve);
    });
    await client.send(REQUEST);
    const { end } = world.start({ client: await adopted, backend: side });
    await client.until(ANSWER);
    const gone = client.closed.then(() => false);
    const renegotiate = (): Promise<boolean> =>
      new Promise((resolve) => {
        if (socket.destroyed) resolve(false);
        else socket.renegotiate({ rejectUnauthorized: false }, (error) => resolve(error === null));
      });
    // OpenSSL declines each round, or Node ends the connection after the third in ten minutes.
    for (let rounds = 0; rounds < 20 && (await Promise.race([renegotiate(), gone])); rounds += 1) {
      backend.socket.write(text("backend", "between"));
    }
    socket.destroy();
    await backend.ended;
    backend.end();
    expect(await end).toMatchObject({ cause: "client", by: "client" });
    const lane = await world.open();
    await lane.client.send(text("client", "still here"));
    await lane.backendGets(16);
    expect(spell(lane.backend.received())).toEqual(["text:still here"]);
  });

  it("gets the Close, and what was said before it, after its own close_notify", async () => {
    const lane = await world.open();
    await lane.client.send(closeFrame("client", 1000));
    lane.client.end();
    await lane.backendGets(8);
    await lane.backend.send(Buffer.concat([text("backend", "last"), closeFrame("backend", 1000)]));
    lane.backend.end();
    await lane.client.ended;
    expect(spell(lane.clientGot())).toEqual(["text:last", "close:1000"]);
    expect(await lane.end).toMatchObject({ cause: "client", clean: true });
  });
});

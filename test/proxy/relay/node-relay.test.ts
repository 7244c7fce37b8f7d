import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFrame } from "../../harness/make-frame.ts";
import { openWorld, type World } from "./relay-world.ts";

const close = (from: "client" | "backend", code: number, reason = "") =>
  makeFrame(from, { opcode: 8, payload: Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]) });

describe.each(["shared", "plain"] as const)("a relay with %s reads", (reads) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ reads });
  });
  afterEach(() => world.close());

  it("carries frames both ways, byte for byte", async () => {
    const lane = await world.open();
    const hello = makeFrame("client", { opcode: 1, payload: "hello" });
    const answer = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(100_000, 7) });
    await lane.client.send(hello);
    expect(await lane.backendGets(hello.length)).toEqual(Buffer.from(hello));
    await lane.backend.send(answer);
    expect(await lane.clientGets(answer.length)).toEqual(Buffer.from(answer));
  });

  it("ends cleanly after both Closes and both FINs", async () => {
    const lane = await world.open();
    await lane.client.send(close("client", 1000, "bye"));
    await lane.backendGets(5);
    await lane.backend.send(close("backend", 1000, "bye"));
    lane.backend.end();
    expect(await lane.client.ended).toBe("fin");
    lane.client.end();
    const end = await lane.end;
    expect(end).toMatchObject({ cause: "client", by: "client", clean: true, detail: null });
    expect(end.sides.client).toEqual({
      received: { code: 1000, reason: "bye" },
      sent: { code: 1000, reason: "bye" },
      ended: "fin",
      errno: null,
    });
    expect(end.sides.backend.ended).toBe("fin");
    expect(end.from.client).toMatchObject({ frames: 1, messages: 0, undeliveredBytes: 0 });
  });
});

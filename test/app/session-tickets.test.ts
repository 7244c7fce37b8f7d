import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import { manifestText, ticketSecret } from "../harness/manifests.ts";
import { beginSession, isAnswered, isResumed } from "../harness/resume-session.ts";
import { type AppChoices, startApp } from "../harness/start-app.ts";

const FLAGS = { tlsTicketKeys: "default/tickets" };

it("A TLS session resumes on every replica that shares its Secret, and after a rotation on those that have the new one", async () => {
  const [old, young] = [randomBytes(48), randomBytes(48)].map((keys) => manifestText(ticketSecret("tickets", keys)));
  const defaultPair = await makeSelfSigned(["a.example"]);
  const replica = async (choices: Partial<AppChoices>) =>
    await startApp({ files: { "tickets.json": old ?? "" }, defaultPair, flags: FLAGS, ...choices });
  const [first, second, alone] = await Promise.all([replica({}), replica({}), replica({ flags: {} })]);
  const way = { servername: "a.example" };
  const { socket, session } = await beginSession(first.ports.https, way);
  expect(await isResumed(second.ports.https, session, way)).toBe(true);
  expect(await isResumed(alone.ports.https, session, way)).toBe(false);
  await first.swap(async () => await first.directory.write({ "tickets.json": young ?? "" }));
  expect(await isResumed(first.ports.https, session, way)).toBe(false);
  expect(await isAnswered(socket)).toBe(true);
  const { session: next } = await beginSession(first.ports.https, way);
  expect(await isResumed(second.ports.https, next, way)).toBe(false);
  await second.swap(async () => await second.directory.write({ "tickets.json": young ?? "" }));
  expect(await isResumed(second.ports.https, next, way)).toBe(true);
});

it("A Secret of ticket keys that cannot be used is told, and quoted nowhere", async () => {
  const keys = Buffer.from("only-forty-seven-bytes-of-a-key-that-nobody-sees");
  const files = { "tickets.json": manifestText(ticketSecret("tickets", keys.subarray(0, 47))) };
  const app = await startApp({ files, defaultPair: await makeSelfSigned(["a.example"]), flags: FLAGS });
  const line = await app.log.lineWhere(({ reason }) => reason === "InvalidCertificateRef");
  expect(line).toMatchObject({ object: "Secret default/tickets", effect: "ignored" });
  expect(line["msg"]).toContain("ticket.key has 47 bytes; expected 48");
  expect(JSON.stringify(app.log.lines())).not.toMatch(/forty-seven|b25seS1mb3J0eS/);
  const way = { servername: "a.example" };
  const { session } = await beginSession(app.ports.https, way);
  expect(await isResumed(app.ports.https, session, way)).toBe(true);
});

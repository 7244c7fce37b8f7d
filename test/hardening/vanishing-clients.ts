import { openMany } from "./clients.ts";

/** Run as a process of its own: opens WebSockets on each path, says so, and reads them until it is ended. */
const [host = "", port = "", ...plan] = process.argv.slice(2);
for (const each of plan) {
  const [path = "", count = "0"] = each.split(":");
  await openMany({ host, port: Number(port), path }, Number(count));
}
process.stdout.write("open\n");

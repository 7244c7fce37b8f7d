import { startHttpListener } from "../../../src/proxy/listen/http-listener.ts";
import { HTTP_DEFAULTS } from "../../../src/proxy/listen/http-server.ts";
import { openDoor } from "../../harness/open-door.ts";

/** Run as a process of its own with few file descriptors: serves HTTP, and tells its parent of its port, its log and its CPU time. */
const tell = (message: object): void => {
  process.send?.(message);
};
const log = (fields: object): void => tell({ logged: fields });

const listener = await startHttpListener(
  { host: "127.0.0.1", port: 0 },
  HTTP_DEFAULTS,
  {
    isUpgrade: () => false,
    request: (_request, response) => response.end("hello"),
    upgrade: () => {},
    rejected: () => "id",
    crashed: () => {},
  },
  { log: { debug: log, info: log, warn: log, error: log }, doorkeeper: openDoor() },
);
process.on("message", () => tell({ cpu: process.cpuUsage() }));
tell({ port: listener.address.port });

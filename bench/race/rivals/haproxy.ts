import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, type Rival } from "./rival.ts";

/** HAProxy: one thread, access log in its HTTP format to /dev/null. */
export const HAPROXY: Rival = {
  name: "HAProxy",
  find: () => findProgram("haproxy"),
  versionWords: ["-v"],
  prepare: async (program, { directory, plainPort, tlsPort, backendPort, certificate }) => {
    const config = `
global
  nbthread 1
  maxconn 9900
  log stdout format raw local0
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  log global
  option httplog
  option forwardfor
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
  timeout http-request 10s
frontend sockets
  bind 127.0.0.1:${plainPort} maxconn 9900
  bind 127.0.0.1:${tlsPort} maxconn 9900 ssl crt ${certificate.both}
  default_backend echo
backend echo
  server echo 127.0.0.1:${backendPort}
`;
    const file = join(directory, "haproxy.cfg");
    await writeFile(file, config);
    return { program, words: ["-db", "-f", file] };
  },
};

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, HOST, type Rival } from "./rival.ts";

/** Caddy: GOMAXPROCS=1, access log as JSON to /dev/null. */
export const CADDY: Rival = {
  name: "Caddy",
  find: () => findProgram("caddy"),
  versionWords: ["version"],
  prepare: async (program, { directory, plainPort, tlsPort, backendPort, certificate }) => {
    const site = `
  bind 127.0.0.1
  log {
    output stdout
  }
  reverse_proxy 127.0.0.1:${backendPort}
`;
    const config = `
{
  admin off
  auto_https off
  log default {
    output stderr
    level ERROR
  }
  servers {
    protocols h1
  }
}
http://${HOST}:${plainPort} {${site}}
https://${HOST}:${tlsPort} {
  tls ${certificate.chain} ${certificate.key}${site}}
`;
    const file = join(directory, "Caddyfile");
    await writeFile(file, config);
    const env = { GOMAXPROCS: "1", HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory };
    return { program, words: ["run", "--config", file, "--adapter", "caddyfile"], env };
  },
};

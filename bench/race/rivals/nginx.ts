import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, HOST, type Rival } from "./rival.ts";

/** nginx, the measure of everybody: one worker, access log in its own format to /dev/null. */
export const NGINX: Rival = {
  name: "nginx",
  find: () => findProgram("nginx"),
  versionWords: ["-v"],
  prepare: async (program, { directory, plainPort, tlsPort, backendPort, certificate }) => {
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const config = `
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${join(directory, "nginx.pid")};
error_log stderr crit;
events { worker_connections 20000; }
http {
  access_log /dev/null combined;
  ${temporary.map((name) => `${name}_temp_path ${join(directory, name)};`).join("\n  ")}
  server {
    listen 127.0.0.1:${plainPort};
    listen 127.0.0.1:${tlsPort} ssl;
    server_name ${HOST};
    ssl_certificate ${certificate.chain};
    ssl_certificate_key ${certificate.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass http://127.0.0.1:${backendPort};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_read_timeout 1h;
      proxy_send_timeout 1h;
    }
  }
}
`;
    const file = join(directory, "nginx.conf");
    await writeFile(file, config);
    return { program, words: ["-p", directory, "-c", file, "-e", "stderr"] };
  },
};

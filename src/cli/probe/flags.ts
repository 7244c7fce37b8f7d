import { type Flag, flag, repeatable } from "../../config/flags.ts";

/** The flags of `fairlead probe`. */
export const PROBE_FLAGS: readonly Flag[] = [
  repeatable(
    "-H, --header <FIELD>",
    "A header field to send, 'Name: value'; it replaces one that the probe writes itself. Credentials are hidden in what is printed.",
  ),
  flag("--origin <ORIGIN>", "The Origin to send, as a browser does for a page from there."),
  repeatable("--subprotocol <NAME>", "A subprotocol to offer, the preferred first."),
  flag("--pings <COUNT>", "How many Pings to send, 0 to 1000.", "3"),
  flag("--message <TEXT>", "The message to send and to expect back; by default one that no server knows."),
  flag("--no-echo", "Send no message: for a server that is no echo server."),
  flag("--no-compression", "Do not offer permessage-deflate."),
  flag("--connect-to <HOST:PORT>", "Connect here instead; names in TLS and in the request stay those of the URL."),
  flag("--server-name <NAME>", "The server name of the TLS connection, if it is not the URL's host."),
  flag("--ca-file <PATH>", "Trust the authorities of this PEM file, and no others."),
  flag("--insecure", "Go on with a certificate that no client would accept, and say so."),
  flag("--timeout <DURATION>", "The longest that each step may take, such as 10s.", "10s"),
];

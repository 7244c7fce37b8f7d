import { type Flag, flag, repeatable, SERVE_FLAGS } from "../../config/flags.ts";
import { TRANSLATION_FLAGS } from "../translation-flags.ts";

const OF_ROUTING = new Set(["publicHttpsPort", "trustedProxies"]);

/** The flags of `fairlead explain`: the request, and what of `serve` decides about it. */
export const EXPLAIN_FLAGS: readonly Flag[] = [
  repeatable(
    "--manifests <PATH>",
    "Explain by these manifests: a file, a directory with all below it, or - for standard input.",
  ),
  repeatable(
    "-H, --header <FIELD>",
    "A header field of the request, 'Name: value'; it replaces one that a client writes itself.",
  ),
  flag("--origin <ORIGIN>", "The Origin of the page that opens the WebSocket."),
  repeatable("--subprotocol <NAME>", "A subprotocol that the client offers, the preferred first."),
  flag("--method <METHOD>", "The method of a plain request.", "GET"),
  flag("--client-address <IP>", "The address that the connection comes from; 192.0.2.1 stands for any.", "192.0.2.1"),
  flag("--server-name <NAME>", "The server name of the TLS connection, if it is not the URL's host."),
  ...TRANSLATION_FLAGS,
  ...SERVE_FLAGS.filter(({ key }) => OF_ROUTING.has(key)),
];

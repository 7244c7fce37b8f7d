import { createProxyServer, type ProxyServer } from "http-proxy";

/** What is used of http-proxy: its `web`, without the pass that turns chunked DELETE and OPTIONS into two requests. */
export type WebProxy = Pick<ProxyServer, "web">;

/** The part of http-proxy that its types keep to themselves. */
type WithPasses = { webPasses: readonly { readonly name: string }[] };

/** http-proxy-3 cured: `deleteLength` declares `Content-Length: 0` for bodies that it then sends all the same. */
export function createWebProxy(): WebProxy {
  const proxy = createProxyServer({
    selfHandleResponse: true,
    // The path is normalised already: it must leave as it was matched, not as `URL` would write it.
    toProxy: true,
    prependPath: false,
  });
  const inner = proxy as unknown as WithPasses;
  const passes = inner.webPasses.filter((pass) => pass.name !== "deleteLength");
  if (passes.length !== inner.webPasses.length - 1) throw new Error("http-proxy has no deleteLength pass to remove");
  inner.webPasses = passes;
  return proxy;
}

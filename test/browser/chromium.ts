import { createHash, X509Certificate } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A stranger's name that the browser takes to this machine, as after DNS rebinding. */
export const REBOUND_NAME = "rebound.example";

/** Where Chromium is: what CHROMIUM names, or where distributions put it; null if it is not there. */
export function findChromium(): string | null {
  const named = process.env["CHROMIUM"];
  return (named === undefined ? CANDIDATES : [named]).find(isExecutable) ?? null;
}

/** Starts Chromium without a window. It trusts one certificate that nobody signed: that of this key, and no other. */
export async function launchChromium(certificate: string): Promise<Browser> {
  return await chromium.launch({
    executablePath: findChromium() ?? "chromium",
    args: [
      // Its sandbox does not work for root, nor its shared memory in a small container.
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--disable-gpu",
      `--host-resolver-rules=MAP ${REBOUND_NAME} 127.0.0.1`,
      `--ignore-certificate-errors-spki-list=${keyDigest(certificate)}`,
    ],
  });
}

/** A page, loaded from the URL, in a profile of its own; closed after the test. */
export async function openPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** What Chromium knows a public key by: its SHA-256 (RFC 7469 2.4). */
function keyDigest(certificate: string): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

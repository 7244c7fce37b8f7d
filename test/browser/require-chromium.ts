import { findChromium } from "./chromium.ts";

/** One sentence instead of as many failures as there are tests. */
export default function requireChromium(): void {
  if (findChromium() === null) {
    throw new Error(
      "npm run test:browser needs Chromium: install Debian's package chromium, or name a binary in CHROMIUM",
    );
  }
}

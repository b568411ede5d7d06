import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** Why no browser can be started here, or undefined. */
export const missingChromium = existsSync(executablePath) ? undefined : `there is no ${executablePath} (Debian: apt-get install chromium)`;

const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Debian's Chromium, without a window and without anything that it does on its own. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu', ...quiet] });
}

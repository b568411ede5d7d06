// A folder for what test/support/prepared-run.ts makes once for all suites; gone with this process.
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

module.exports = () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'payment-webhooks-jest-'));
  process.env.PREPARED_RUN_FOLDER = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
};

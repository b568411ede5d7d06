// A folder for what test/support/prepared-run.ts makes once for all suites, and for whatever a test leaves where temporary files go (CDKTF's
// Testing does); gone with this run.
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const remove = () => rmSync(process.env.PREPARED_RUN_FOLDER, { recursive: true, force: true });

module.exports = () => {
  // A run that is stopped is not torn down. In a mutation run many runs share this process.
  if (process.env.PREPARED_RUN_FOLDER === undefined) {
    process.on('exit', remove);
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'payment-webhooks-jest-'));
  Object.assign(process.env, { PREPARED_RUN_FOLDER: folder, TMPDIR: folder });
};

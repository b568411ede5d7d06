const { rmSync } = require('node:fs');
const path = require('node:path');

/** Takes away what prepared.cjs made. */
module.exports = () => {
  const folder = process.env.PREPARED_RUN_FOLDER;
  process.env.TMPDIR = path.dirname(folder);
  rmSync(folder, { recursive: true, force: true });
};

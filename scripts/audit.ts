import { spawnSync } from 'node:child_process';
import pc from 'picocolors';
import { judgeAudit } from './audit/judge-audit';

/** Exit code 0 where nothing high is known, or where the registry has no audit to ask; it then says so. */
function audit(): number {
  const { stdout, error } = spawnSync('npm', ['audit', '--json', '--audit-level=high'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (error !== undefined) throw new Error('npm is not on the PATH', { cause: error });
  const { outcome, lines } = judgeAudit(stdout);
  const colour = { clean: pc.green, unanswered: pc.yellow, vulnerable: pc.red }[outcome];
  for (const line of lines) console.log(colour(line));
  return outcome === 'vulnerable' ? 1 : 0;
}

try {
  process.exitCode = audit();
} catch (error) {
  console.error(pc.red(`audit: ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
}

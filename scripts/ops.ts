import { runOps } from './ops/program';

// The laptop's Node may be older than the one that the functions get on Lambda.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const stopping = new AbortController();
process.on('SIGINT', () => {
  // Whoever presses it twice does not want to wait for the step to end.
  if (stopping.signal.aborted) process.exit(130);
  stopping.abort();
});
process.stdout.on('error', () => process.exit(0));

void runOps(process.argv.slice(2), {
  root: process.cwd(),
  env: process.env,
  now: Date.now,
  out: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
  input: process.stdin,
  signal: stopping.signal,
}).then((exitCode) => {
  process.exitCode = exitCode;
});

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = path.join(__dirname, '../emulator/moto_extended.py');
const startSeconds = 60;

/** A running AWS emulator. It keeps everything in memory: stopping it forgets everything. */
export interface Emulator {
  readonly endpoint: string;
  /** The account that its resources are in. */
  readonly accountId: string;
  stop(): Promise<void>;
}

/** Why the emulator cannot run here, in one line; undefined when it can. */
export function emulatorProblem(): string | undefined {
  const asked = spawnSync('python3', ['-c', 'import moto.server, moto; print(moto.__version__)'], { encoding: 'utf8' });
  if (asked.error !== undefined) return 'python3 is not on the PATH';
  if (asked.status !== 0) return 'moto is not installed for python3: pip install -r scripts/emulator/requirements.txt';
  return undefined;
}

/** Starts the emulator on a free loopback port, or on the given one, and waits until it answers. Throws with its own words when it does not. */
export async function startEmulator(port?: number): Promise<Emulator> {
  const chosen = port ?? (await freePort());
  const child = spawn('python3', [program, '-H', '127.0.0.1', '-p', String(chosen)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const stopWithParent = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', stopWithParent);
  const endpoint = `http://127.0.0.1:${chosen}`;
  try {
    await answering(endpoint, child, output);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    endpoint,
    accountId: '123456789012',
    stop: async () => {
      process.off('exit', stopWithParent);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function answering(endpoint: string, child: ChildProcess, output: readonly string[]): Promise<void> {
  const until = Date.now() + startSeconds * 1000;
  while (Date.now() < until) {
    if (child.exitCode !== null) break;
    const answered = await fetch(`${endpoint}/moto-api/data.json`, { signal: AbortSignal.timeout(5000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  throw new Error(`the AWS emulator did not start:\n${output.join('').trim()}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no free port'));
        else resolve(address.port);
      });
    });
  });
}

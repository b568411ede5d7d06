import { stopped, wrongUsage } from './failure';
import type { Io } from './io';

const controls = { interrupt: '\u0003', endOfInput: '\u0004', backspace: '\b', delete: '\u007f' } as const;

/** Asks for one line. Whoever has no terminal gets `unattended` as an error. */
export async function ask(io: Io, question: string, unattended: string): Promise<string> {
  if (io.input.isTTY !== true) throw wrongUsage(unattended);
  io.note(question);
  return readLine(io);
}

/** Reads a secret: one line that is not shown on a terminal, or all that is piped in, without its last line break. */
export async function readHidden(io: Io, question: string): Promise<string> {
  const { input } = io;
  if (input.isTTY !== true) return readAll(io);
  io.note(`${question} (nothing is shown)`);
  input.setRawMode?.(true);
  try {
    return await readLine(io);
  } finally {
    input.setRawMode?.(false);
  }
}

async function readAll({ input }: Io): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(typeof chunk === 'string' ? chunk : new Uint8Array(chunk)));
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

function readLine({ input, signal }: Io): Promise<string> {
  let line = '';
  return new Promise<string>((resolve, reject) => {
    const end = (settle: () => void): void => {
      input.off('data', take);
      signal.removeEventListener('abort', abort);
      input.pause();
      settle();
    };
    const abort = (): void => {
      end(() => {
        reject(stopped('stopped: nothing was changed'));
      });
    };
    const take = (chunk: Buffer | string): void => {
      for (const character of chunk.toString()) {
        if (character === controls.interrupt) {
          abort();
          return;
        }
        if (character === '\r' || character === '\n' || character === controls.endOfInput) {
          end(() => {
            resolve(line);
          });
          return;
        }
        const erases = character === controls.backspace || character === controls.delete;
        line = erases ? line.slice(0, -1) : line + character;
      }
    };
    signal.addEventListener('abort', abort, { once: true });
    input.on('data', take);
    input.resume();
  });
}

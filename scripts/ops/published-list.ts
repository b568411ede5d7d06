import { OpsFailure } from './failure';

const timeoutMs = 10_000;
const mostBytes = 256 * 1024;

/**
 * Fetches a published list. Only over HTTPS, but for loopback; a redirect is refused, since the answer would be somebody else's.
 * Throws an OpsFailure that says what is wrong with the address or its answer.
 */
export async function fetchPublished(url: string): Promise<string> {
  refusePlainHttp(url);
  const answer = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'text/plain, application/json' },
  }).catch((cause: unknown) => {
    throw new OpsFailure(`${url} cannot be reached (${reasonOf(cause)})`, 1, { cause });
  });
  if (answer.status >= 300 && answer.status < 400)
    throw new OpsFailure(`${url} sends to ${answer.headers.get('location') ?? 'somewhere else'}: follow it by hand and say --from`);
  if (answer.status !== 200) throw new OpsFailure(`${url} answers ${answer.status}`);
  return bodyOf(url, answer);
}

function refusePlainHttp(url: string): void {
  if (!URL.canParse(url)) throw new OpsFailure(`${JSON.stringify(url)} is no URL`);
  const { protocol, hostname } = new URL(url);
  const loopback = /^127(\.\d{1,3}){3}$/.test(hostname) || hostname === 'localhost' || hostname === '[::1]';
  if (protocol === 'https:' || (protocol === 'http:' && loopback)) return;
  throw new OpsFailure(`${url} is not HTTPS: anybody on the way could change the list`);
}

async function bodyOf(url: string, answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of answer.body ?? []) {
      const chunk: unknown = part;
      if (!(chunk instanceof Uint8Array)) continue;
      length += chunk.length;
      if (length > mostBytes) throw new OpsFailure(`${url} answers more than ${mostBytes / 1024} KB: that is no list of addresses`);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof OpsFailure) throw cause;
    throw new OpsFailure(`${url} stopped in the middle of its answer (${reasonOf(cause)})`, 1, { cause });
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause;
  if (inner instanceof Error && 'code' in inner && typeof inner.code === 'string') return inner.code;
  return cause.message;
}

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes in use when everything that can go has gone. */
export interface Memory {
  /** The embedded AWS, the gateway and the sender. */
  readonly heap: number;
  /** The whole process, with the functions' threads. */
  readonly resident: number;
}

/** Collects garbage and measures. */
export function memoryNow(): Memory {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') Reflect.apply(collect, undefined, []);
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, resident: rss };
}

/** Bytes in words. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

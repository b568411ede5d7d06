/** The time that the embedded AWS lives in: tests advance their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `run` once after `delayMs`; the answer cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, 0x7fffffff)).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

import type { ServiceName } from './service-name';

/** Something that goes wrong on purpose, for tests of what the pipeline does then. */
export interface Fault {
  service: ServiceName;
  /** An operation's name, `*` for every one, or `Deliver` for a delivery by a rule or a topic. */
  operation: string;
  /** How often it happens; without it, until removed. */
  times?: number;
  /** Only calls whose parameters this accepts. */
  match?: (input: unknown) => boolean;
  /** The answer, in place of the effect. */
  error?: { code: string; status?: number; message?: string };
  /** Waits this long before the effect. */
  delayMs?: number;
  /** Waits this long after the effect and before the answer: the caller's timeout whose write did happen. */
  delayAnswerMs?: number;
  /** Cuts the connection without an effect. */
  dropBeforeEffect?: boolean;
  /** Has the effect and cuts the connection in place of the answer. */
  dropAfterEffect?: boolean;
}

/** The faults of one embedded AWS. */
export interface Faults {
  /** The answer removes it. */
  add(fault: Fault): () => void;
  clear(): void;
  /** The fault that this call meets, used up by one. */
  take(service: ServiceName, operation: string, input: unknown): Fault | undefined;
}

/** An empty list of faults. */
export function createFaults(): Faults {
  const active: { fault: Fault; left: number }[] = [];
  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      active.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    clear() {
      active.length = 0;
    },
    take(service, operation, input) {
      if (active.length === 0) return undefined;
      const found = active.find(
        ({ fault, left }) =>
          left > 0 &&
          fault.service === service &&
          (fault.operation === '*' || fault.operation === operation) &&
          (fault.match?.(input) ?? true),
      );
      if (found === undefined) return undefined;
      found.left -= 1;
      if (found.left <= 0) active.splice(active.indexOf(found), 1);
      return found.fault;
    },
  };
}

import { adapters } from './adapters';
import { certificate } from './certificate';
import type { Pipeline } from './pipeline';
import { Random } from './random';
import { auditStream, notificationQueue, processingQueue, relayStream } from './queues';
import { forged, genuine, unsigned } from './receiver';
import { providerSecret, settings } from './settings';

interface Target {
  readonly name: string;
  /** Cases in every hundred. */
  readonly share: number;
  /** Runs one case; throws where a promise was broken. Returns what became of it. */
  run(pipeline: Pipeline, random: Random): Promise<string>;
}

/** Everything that something is thrown at. */
export const targets: readonly Target[] = [
  { name: 'unsigned webhook', share: 22, run: unsigned },
  { name: 'forged webhook', share: 20, run: forged },
  { name: 'genuine webhook', share: 36, run: genuine },
  { name: 'processing queue', share: 5, run: processingQueue },
  { name: 'notification queue', share: 4, run: notificationQueue },
  { name: 'stream to relay', share: 4, run: relayStream },
  { name: 'stream to audit', share: 3, run: auditStream },
  { name: 'certificate', share: 2, run: certificate },
  { name: 'secret', share: 2, run: providerSecret },
  { name: 'settings', share: 2, run: settings },
  // Only where it is asked for: the targets above go the same way, with a handler around.
  { name: 'adapters', share: 0, run: adapters },
];

const schedule = targets.flatMap((target) => Array.from({ length: target.share }, () => target));

export interface Outcome {
  readonly target: string;
  readonly outcome: string;
}

/** Runs the case with this number. Throws with the seed and the number in the message. */
export async function runCase(pipeline: Pipeline, seed: number, caseNumber: number, only?: string): Promise<Outcome> {
  const random = new Random(seed, caseNumber);
  const target = targets.find(({ name }) => name === only) ?? random.pick(schedule);
  pipeline.aws.reset();
  pipeline.drain();
  pipeline.certificateRequests.length = 0;
  try {
    return { target: target.name, outcome: await target.run(pipeline, random) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const shown = `${target.name}: ${problem}\n  again: npm run fuzz -- --seed ${seed} --case ${caseNumber}${only === undefined ? '' : ` --only '${only}'`}`;
    throw new Error(shown, { cause: error });
  }
}

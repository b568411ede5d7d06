import type { Delivery, Fault, Happening, Plan } from './plan';

const callFaults = {
  'crash-before': 'dies before',
  'crash-after': 'dies after',
  throttle: 'is throttled at',
  timeout: 'hears nothing of, and nothing happened at,',
  'lost-answer': 'hears nothing of, though it happened,',
  'late-write': 'hears nothing of, and it happens later,',
  partial: 'gets only some entries accepted at',
} as const;

/** A plan in sentences: what is sent, what goes wrong, what else happens. */
export function wordsOf({ deliveries, faults, happenings }: Plan): string[] {
  return [...deliveries.map(deliveryWords), ...happenings.map(happeningWords), ...faults.map(faultWords)];
}

function deliveryWords({ event, sender, story, payment, high, large, atMs, copiesAfterMs, forged }: Delivery): string {
  const what = `${sender} sends event ${event} (payment ${payment} ${story}${high ? ', high value' : ''}${large ? ', a large body' : ''})`;
  const copies = copiesAfterMs.map((afterMs) => `, again ${secondsOf(afterMs)} later`).join('');
  return `at ${secondsOf(atMs)} ${what}${copies}${forged === undefined ? '' : `, not genuine: ${forged}`}`;
}

function happeningWords(happening: Happening): string {
  switch (happening.kind) {
    case 'rotation':
      return `at ${secondsOf(happening.atMs)} the secret of ${happening.sender} is rotated`;
    case 'poison-message':
      return `at ${secondsOf(happening.atMs)} somebody puts ${JSON.stringify(happening.text)} on the queue of ${happening.queue}`;
    case 'poison-row':
      return `at ${secondsOf(happening.atMs)} somebody writes a row that is no event`;
    case 'tampering':
      return `at ${secondsOf(happening.atMs)} somebody changes the amount of a processed row`;
    case 'skew':
      return `the clock of ${happening.function} is ${secondsOf(Math.abs(happening.ms))} ${happening.ms < 0 ? 'slow' : 'fast'}`;
  }
}

function faultWords(fault: Fault): string {
  const { from, times } = fault;
  const which = times === 1 ? `number ${from}` : `numbers ${from} to ${from + times - 1}`;
  switch (fault.kind) {
    case 'invoke-throttled':
      return `${fault.function} is throttled at its invocations ${which}`;
    case 'killed':
      return `${fault.function} is killed ${fault.afterMs} ms into its invocations ${which}`;
    case 'visibility-expires':
      return `the messages of ${fault.function} become visible ${fault.afterMs} ms after it got its batches ${which}`;
    case 'delete-lost':
      return `the messages of ${fault.function} are not deleted after its batches ${which}`;
    case 'checkpoint-lost':
      return `${fault.function} gets its batches ${which} again, whatever it answered`;
    case 'delivery-fails':
      return `the bus fails to deliver ${which}`;
    case 'delivered-twice':
      return `the bus delivers twice what is delivery ${which}`;
    case 'answer-lost':
      return `the sender does not hear our answers ${which}`;
    case 'crash-before':
    case 'crash-after':
    case 'throttle':
    case 'timeout':
    case 'lost-answer':
    case 'late-write':
    case 'partial':
      return `${fault.function} ${callFaults[fault.kind]} its calls of ${fault.operation} ${which}`;
  }
}

function secondsOf(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

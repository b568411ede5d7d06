import { Random } from '../hostile/random';

/** The functions, by their folders. */
export const functionNames = ['webhook-receiver', 'event-relay', 'event-processor', 'notification-handler', 'audit-logger'] as const;
export type FunctionName = (typeof functionNames)[number];

/** The calls that each function makes; any of them can go wrong. */
export const operations = {
  'webhook-receiver': ['GetSecretValue', 'PutItem'],
  'event-relay': ['PutObject', 'SendMessageBatch'],
  'event-processor': ['GetParameter', 'PutEvents', 'UpdateItem'],
  'notification-handler': ['GetItem', 'UpdateItem', 'Publish'],
  'audit-logger': ['PutObject'],
} as const satisfies Record<FunctionName, readonly string[]>;

/** The calls that they make now and then, by what makes them do so. */
export const rareOperations = {
  paypal: [['webhook-receiver', 'FetchCertificate']],
  large: [
    ['webhook-receiver', 'GetItem'],
    ['webhook-receiver', 'PutObject'],
  ],
  'poison-row': [['event-relay', 'SendMessage']],
  tampering: [['audit-logger', 'Publish']],
} as const satisfies Record<string, readonly (readonly [FunctionName, string])[]>;

/** What can become of one attempt of one call. */
export const callFaultKinds = ['crash-before', 'crash-after', 'throttle', 'timeout', 'lost-answer', 'late-write', 'partial'] as const;

export interface CallFault {
  readonly kind: (typeof callFaultKinds)[number];
  readonly function: FunctionName;
  readonly operation: string;
  /** Attempts of this function's calls of this operation that it befalls, counted from 1. */
  readonly from: number;
  readonly times: number;
}

/** What can go wrong around a function. */
export type PlatformFault =
  | {
      readonly kind: 'invoke-throttled' | 'killed';
      readonly function: FunctionName;
      readonly from: number;
      readonly times: number;
      readonly afterMs: number;
    }
  | {
      readonly kind: 'visibility-expires';
      readonly function: FunctionName;
      readonly from: number;
      readonly times: number;
      readonly afterMs: number;
    }
  | { readonly kind: 'delete-lost' | 'checkpoint-lost'; readonly function: FunctionName; readonly from: number; readonly times: number }
  | { readonly kind: 'delivery-fails' | 'delivered-twice' | 'answer-lost'; readonly from: number; readonly times: number };

export type Fault = CallFault | PlatformFault;

export const senders = ['stripe', 'square', 'generic', 'standard-webhooks', 'paypal'] as const;
export type Sender = (typeof senders)[number];

/** What happened to a payment. */
export const stories = ['pending', 'succeeded', 'failed', 'refunded', 'disputed', 'unknown'] as const;
export type Story = (typeof stories)[number];

/** How a delivery is not what it says it is. */
export const forgeries = ['wrong-secret', 'changed-body', 'too-old', 'too-new', 'no-signature', 'retired-secret'] as const;

/** One event of a provider, and when it is first sent. */
export interface Delivery {
  readonly event: number;
  readonly sender: Sender;
  readonly story: Story;
  readonly payment: number;
  /** Above the threshold or below it. */
  readonly high: boolean;
  /** A body that is too large for its row. */
  readonly large: boolean;
  readonly atMs: number;
  /** The same webhook sent again so many milliseconds later, whatever was answered. */
  readonly copiesAfterMs: readonly number[];
  readonly forged?: (typeof forgeries)[number];
}

/** What else happens. */
export type Happening =
  | { readonly kind: 'rotation'; readonly sender: Sender; readonly atMs: number }
  | {
      readonly kind: 'poison-message';
      readonly queue: 'event-processor' | 'notification-handler';
      readonly text: string;
      readonly atMs: number;
    }
  | { readonly kind: 'poison-row' | 'tampering'; readonly atMs: number }
  | { readonly kind: 'skew'; readonly function: FunctionName; readonly ms: number };

/** Everything that is not decided by the code under test: the same plan gives the same run. */
export interface Plan {
  readonly seed: number;
  readonly deliveries: readonly Delivery[];
  readonly faults: readonly Fault[];
  readonly happenings: readonly Happening[];
}

/** Draws a plan. One in five has no faults, and must come out without a single repetition. */
export function planOf(seed: number, run: number): Plan {
  const random = new Random(seed, run);
  const count = 1 + random.below(random.chance(0.15) ? 8 : 3);
  const payments = 1 + random.below(count);
  const spreadMs = random.pick([50, 50, 500, 2_000, 60_000, 3_600_000]);
  const paypal = random.chance(0.05);
  const deliveries = random.times(count, (index) => deliveryOf(random, index, payments, spreadMs, paypal));
  const happenings = random.chance(0.5) ? [] : random.times(1 + random.below(3), () => happeningOf(random, spreadMs));
  const rare = rareCalls(deliveries, happenings);
  const faults = random.chance(0.2) ? [] : random.times(1 + random.below(5), () => faultOf(random, rare));
  return { seed: Math.imul(seed, 0x9e3779b1) ^ run, deliveries, faults, happenings };
}

type Call = readonly [name: FunctionName, operation: string];

function rareCalls(deliveries: readonly Delivery[], happenings: readonly Happening[]): Call[] {
  const { paypal, large, 'poison-row': poisonRow, tampering } = rareOperations;
  return [
    ...(deliveries.some(({ sender }) => sender === 'paypal') ? paypal : []),
    ...(deliveries.some((delivery) => delivery.large) ? large : []),
    ...(happenings.some(({ kind }) => kind === 'poison-row') ? poisonRow : []),
    ...(happenings.some(({ kind }) => kind === 'tampering') ? tampering : []),
  ];
}

function deliveryOf(random: Random, event: number, payments: number, spreadMs: number, paypal: boolean): Delivery {
  const forged = random.chance(0.15) ? { forged: random.pick(forgeries) } : {};
  const sender = random.pick(senders.filter((one) => paypal || one !== 'paypal'));
  return {
    event,
    sender: 'forged' in forged && forged.forged === 'retired-secret' && sender === 'paypal' ? 'stripe' : sender,
    story: random.pick(stories),
    payment: random.below(payments),
    high: random.chance(0.4),
    large: random.chance(0.003),
    atMs: random.below(spreadMs),
    copiesAfterMs: random.chance(0.4)
      ? random.times(1 + random.below(3), () => random.below(random.pick([5, 100, 5_000, 86_400_000])))
      : [],
    ...forged,
  };
}

function faultOf(random: Random, rare: readonly Call[]): Fault {
  if (random.chance(0.3)) return platformFaultOf(random);
  const times = random.chance(0.05) ? 10 + random.below(60) : 1 + random.below(random.pick([1, 2, 6]));
  const kind = random.pick(callFaultKinds);
  const from = 1 + random.below(random.pick([1, 5]));
  if (kind !== 'partial') {
    const name = random.pick(functionNames);
    const [of, operation] = rare.length > 0 && random.chance(0.6) ? random.pick(rare) : [name, random.pick(operations[name])];
    return { kind, function: of, operation, from, times };
  }
  const batch = random.pick([
    { function: 'event-relay', operation: 'SendMessageBatch' },
    { function: 'event-processor', operation: 'PutEvents' },
  ] as const);
  return { kind, ...batch, from, times };
}

function platformFaultOf(random: Random): PlatformFault {
  const from = 1 + random.below(4);
  const times = 1 + random.below(3);
  const afterMs = random.below(random.pick([20, 200, 5_000]));
  const kind = random.pick([
    'invoke-throttled',
    'killed',
    'visibility-expires',
    'visibility-expires',
    'delete-lost',
    'checkpoint-lost',
    'delivery-fails',
    'delivered-twice',
    'answer-lost',
  ] as const);
  switch (kind) {
    case 'invoke-throttled':
    case 'killed':
      return { kind, function: random.pick(functionNames), from, times, afterMs };
    case 'visibility-expires':
      return { kind, function: random.pick(['event-processor', 'notification-handler']), from, times, afterMs };
    case 'delete-lost':
      return { kind, function: random.pick(['event-processor', 'notification-handler']), from, times };
    case 'checkpoint-lost':
      return { kind, function: random.pick(['event-relay', 'audit-logger']), from, times };
    case 'delivery-fails':
      return { kind, from, times: random.chance(0.05) ? 200 : times };
    case 'delivered-twice':
    case 'answer-lost':
      return { kind, from, times };
  }
}

function happeningOf(random: Random, spreadMs: number): Happening {
  const atMs = random.below(spreadMs);
  const kind = random.pick([
    'rotation',
    'rotation',
    'poison-message',
    'poison-message',
    'poison-row',
    'tampering',
    'skew',
    'skew',
  ] as const);
  switch (kind) {
    case 'rotation':
      return { kind, sender: random.pick(['stripe', 'square', 'generic', 'standard-webhooks'] as const), atMs };
    case 'poison-message':
      return {
        kind,
        queue: random.pick(['event-processor', 'notification-handler']),
        text: random.pick(['', 'null', '{"event":1}', '{"detail":{}}', '{']),
        atMs,
      };
    case 'poison-row':
    case 'tampering':
      return { kind, atMs };
    case 'skew':
      return { kind, function: random.pick(functionNames), ms: random.below(10_000) - 5_000 };
  }
}

import { catalogues, findSample, senders, type Sender } from '../sample-events';
import { postWebhook, sampleBody, signWebhook, type Keys } from '../webhook';

/** What a button sends. */
export const variants = ['valid', 'forged', 'duplicate', 'high-value'] as const;
export type Variant = (typeof variants)[number];

export interface Order {
  readonly sender: Sender;
  readonly event: string;
  readonly variant: Variant;
}

export interface Answer {
  readonly status: number;
  /** As the API answered. */
  readonly text: string;
}

/** Above the default threshold in every currency whose threshold the stacks leave alone. */
const highValue = '12000';

/** Signs a sample event as its provider does and posts it to the run; a duplicate goes twice. */
export async function sendSample(apiUrl: string, keys: Keys, { sender, event, variant }: Order): Promise<readonly Answer[]> {
  findSample(sender, event);
  const body = sampleBody(sender, event, variant === 'high-value' ? { amount: highValue, currency: 'USD' } : {});
  const answers: Answer[] = [];
  for (let time = 0; time < (variant === 'duplicate' ? 2 : 1); time += 1) {
    const webhook = signWebhook({ sender, body, keys, at: new Date(), forge: variant === 'forged' });
    const { status, text } = await postWebhook(apiUrl, webhook);
    answers.push({ status, text: text.slice(0, 2000) });
  }
  return answers;
}

/** Every sender with its sample events. */
export function samples(): readonly {
  readonly sender: Sender;
  readonly events: readonly { readonly name: string; readonly about: string }[];
}[] {
  return senders.map((sender) => ({ sender, events: Object.entries(catalogues[sender]).map(([name, { about }]) => ({ name, about })) }));
}

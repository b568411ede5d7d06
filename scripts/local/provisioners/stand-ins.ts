import { CreateEventBusCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { AwsClients } from '../aws-clients';
import type { Place } from '../provisioning';

/**
 * The ARN on this laptop of what a rule or topic delivers to. A queue or bus that somebody else owns has a stand-in of the same name here, so
 * that what it gets can be looked at. Undefined for a function, which has nothing to stand in for it.
 */
export async function arnHere(
  arn: string,
  { events, sqs }: Pick<AwsClients, 'events' | 'sqs'>,
  { accountId, region }: Place,
): Promise<string | undefined> {
  const [, , service = '', ofRegion, ofAccount, ...rest] = arn.split(':');
  const resource = rest.join(':');
  if (service === 'lambda') return undefined;
  if (service === 'sqs') await sqs.send(new CreateQueueCommand({ QueueName: resource }));
  const isForeignBus = service === 'events' && resource.startsWith('event-bus/') && (ofRegion !== region || ofAccount !== accountId);
  if (isForeignBus) await events.send(new CreateEventBusCommand({ Name: resource.slice('event-bus/'.length) }));
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

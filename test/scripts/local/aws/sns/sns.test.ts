import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestAws, type TestAws } from '../test-aws';

let test: TestAws;
let names = 0;

beforeAll(async () => {
  test = await startTestAws();
});
afterAll(() => test.close());

async function createQueue() {
  const name = `subscriber-${(names += 1)}`;
  const { QueueUrl = '' } = await test.sqs.send(new CreateQueueCommand({ QueueName: name }));
  return { url: QueueUrl, arn: `arn:aws:sqs:ap-southeast-1:123456789012:${name}` };
}

async function createTopic() {
  const { TopicArn = '' } = await test.sns.send(new CreateTopicCommand({ Name: `topic-${(names += 1)}` }));
  return TopicArn;
}

async function subscribed(Attributes: Record<string, string> = {}) {
  const queue = await createQueue();
  const TopicArn = await createTopic();
  const command = new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn, Attributes, ReturnSubscriptionArn: true });
  const { SubscriptionArn = '' } = await test.sns.send(command);
  return { queue, TopicArn, SubscriptionArn };
}

async function received(url: string) {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
    VisibilityTimeout: 0,
  });
  return (await test.sqs.send(command)).Messages ?? [];
}

const publish = (input: PublishCommandInput) => test.sns.send(new PublishCommand(input));
const text = (StringValue: string) => ({ DataType: 'String', StringValue });

describe('a topic', () => {
  it('is made once and described', async () => {
    const TopicArn = await createTopic();
    expect(TopicArn).toBe(`arn:aws:sns:ap-southeast-1:123456789012:topic-${names}`);
    expect((await test.sns.send(new CreateTopicCommand({ Name: `topic-${names}` }))).TopicArn).toBe(TopicArn);
    expect((await test.sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes).toMatchObject({
      TopicArn,
      Owner: '123456789012',
    });
    expect((await test.sns.send(new ListTopicsCommand({}))).Topics).toContainEqual({ TopicArn });
  });

  it('that does not exist is an error', async () => {
    await expect(publish({ TopicArn: 'arn:aws:sns:ap-southeast-1:123456789012:none', Message: 'x' })).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  it('refuses names, attributes and parameters that it does not know', async () => {
    await expect(test.sns.send(new CreateTopicCommand({ Name: 'a b' }))).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(test.sns.send(new CreateTopicCommand({ Name: 'orders', Attributes: { FifoTopic: 'true' } }))).rejects.toThrow(/FIFO/);
    const TopicArn = await createTopic();
    await expect(publish({ TopicArn, Message: '{}', MessageStructure: 'json' })).rejects.toThrow(/MessageStructure/);
  });
});

describe('a message', () => {
  it('reaches a queue raw, with its attributes', async () => {
    const { queue, TopicArn } = await subscribed({ RawMessageDelivery: 'true' });
    await publish({ TopicArn, Message: '{"a":1}', MessageAttributes: { reason: text('high-value') } });
    const [message] = await received(queue.url);
    expect(message?.Body).toBe('{"a":1}');
    expect(message?.MessageAttributes?.['reason']).toMatchObject(text('high-value'));
  });

  it('reaches a queue in its envelope', async () => {
    const { queue, TopicArn } = await subscribed();
    const { MessageId } = await publish({ TopicArn, Message: 'hello', Subject: 'Payment', MessageAttributes: { reason: text('failed') } });
    const [message] = await received(queue.url);
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'Payment',
      Message: 'hello',
      Timestamp: new Date(test.clock.now()).toISOString(),
      MessageAttributes: { reason: { Type: 'String', Value: 'failed' } },
    });
  });

  it('is told to the observers with everyone it goes to', async () => {
    const { queue, TopicArn } = await subscribed();
    await test.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'on-call@example.com' }));
    const seen: unknown[] = [];
    const stop = test.aws.on('sns-publish', (event) => seen.push(event));
    const { MessageId } = await publish({ TopicArn, Message: 'hello', Subject: 'Alert', MessageAttributes: { reason: text('failed') } });
    stop();
    const endpoints = [`sqs:${queue.arn}`, 'email:on-call@example.com'];
    expect(seen).toEqual([
      { topicArn: TopicArn, messageId: MessageId, subject: 'Alert', message: 'hello', attributes: { reason: 'failed' }, endpoints },
    ]);
  });

  it.each([
    ['empty', { Message: '' }],
    ['over 256 KiB', { Message: 'x'.repeat(262_145) }],
    ['with a subject over 100 characters', { Message: 'x', Subject: 's'.repeat(101) }],
    ['with a line break in its subject', { Message: 'x', Subject: 'a\nb' }],
    ['with a subject that is not ASCII', { Message: 'x', Subject: 'Zahlung für' }],
    ['with a subject that begins with a space', { Message: 'x', Subject: ' a' }],
  ])('%s is refused', async (_name, input) => {
    await expect(publish({ TopicArn: await createTopic(), ...input })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('with an attribute without value is refused', async () => {
    const command = { TopicArn: await createTopic(), Message: 'x', MessageAttributes: { a: { DataType: 'String' } } };
    await expect(publish(command)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  it('goes to the subscription’s dead letters when its queue is gone', async () => {
    const deadLetters = await createQueue();
    const TopicArn = await createTopic();
    const Attributes = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn }) };
    await test.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: `${deadLetters.arn}-none`, Attributes }));
    await publish({ TopicArn, Message: 'lost' });
    const [message] = await received(deadLetters.url);
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({ Message: 'lost' });
  });
});

describe('a subscription', () => {
  const policy = { reason: ['failed', { prefix: 'high' }], amount: [{ numeric: ['>=', 100] }] };

  it.each([
    ['both conditions hold', { reason: text('high-value'), amount: { DataType: 'Number', StringValue: '100' } }, 1],
    ['one does not', { reason: text('failed'), amount: { DataType: 'Number', StringValue: '99' } }, 0],
    ['an attribute is missing', { reason: text('failed') }, 0],
    [
      'an array has the value',
      { reason: { DataType: 'String.Array', StringValue: '["x","failed"]' }, amount: { DataType: 'Number', StringValue: '500' } },
      1,
    ],
  ])('filters by attributes: %s', async (_name, MessageAttributes, count) => {
    const { queue, TopicArn } = await subscribed({ FilterPolicy: JSON.stringify(policy) });
    await publish({ TopicArn, Message: 'x', MessageAttributes });
    expect(await received(queue.url)).toHaveLength(count);
  });

  it('filters by the body', async () => {
    const Attributes = { FilterPolicy: JSON.stringify({ event: { kind: ['payment.failed'] } }), FilterPolicyScope: 'MessageBody' };
    const { queue, TopicArn } = await subscribed(Attributes);
    await publish({ TopicArn, Message: '{"event":{"kind":"payment.failed"}}' });
    await publish({ TopicArn, Message: '{"event":{"kind":"other"}}' });
    await publish({ TopicArn, Message: 'not JSON' });
    expect(await received(queue.url)).toHaveLength(1);
  });

  it('can change its filter, be listed and end', async () => {
    const { queue, TopicArn, SubscriptionArn } = await subscribed();
    const filter = { SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue: '{"a":["b"]}' };
    await test.sns.send(new SetSubscriptionAttributesCommand(filter));
    await publish({ TopicArn, Message: 'x' });
    expect(await received(queue.url)).toHaveLength(0);
    const { Subscriptions } = await test.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions).toMatchObject([{ SubscriptionArn, Protocol: 'sqs', Endpoint: queue.arn }]);
    await test.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect((await test.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toEqual([]);
  });

  it('with a filter that SNS does not have, or by a protocol unknown here, is an error', async () => {
    await expect(subscribed({ FilterPolicy: '{"a":[{"wildcard":"x*"}]}' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(subscribed({ FilterPolicy: '{"a":"b"}' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    const command = new SubscribeCommand({ TopicArn: await createTopic(), Protocol: 'lambda', Endpoint: 'arn' });
    await expect(test.sns.send(command)).rejects.toThrow(/lambda/);
  });
});

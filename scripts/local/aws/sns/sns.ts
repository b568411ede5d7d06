import * as v from 'valibot';
import { AwsError } from '../aws-error';
import { type FormValue, formList, type QueryService } from '../query-protocol';
import { type Account, ignored, operation } from '../service';
import type { MessageAttributes } from '../sqs/message';
import type { Queues } from '../sqs/queues';
import { publish } from './publish';
import { createTopics, invalidParameter } from './topics';

const attributeMap = v.optional(v.custom<FormValue>((value) => typeof value === 'object'));
const publishEntries = {
  Message: v.optional(v.string(), ''),
  Subject: v.optional(v.string()),
  MessageAttributes: attributeMap,
};
const topicArn = v.string();

/** `Attributes.entry.N.key/value` and `MessageAttributes.entry.N.Name/Value` as a map. */
function readMap(value: FormValue | undefined): Record<string, string> {
  const schema = v.object({ key: v.string(), value: v.string() });
  const pairs = formList(value).map((entry) => {
    const parsed = v.safeParse(schema, entry);
    if (!parsed.success) throw invalidParameter('Attributes');
    return [parsed.output.key, parsed.output.value] as const;
  });
  return Object.fromEntries(pairs);
}

function readMessageAttributes(value: FormValue | undefined): MessageAttributes {
  const schema = v.object({
    Name: v.string(),
    Value: v.strictObject({ DataType: v.string(), StringValue: v.optional(v.string()), BinaryValue: v.optional(v.string()) }),
  });
  const attributes = formList(value).map((entry) => {
    const parsed = v.safeParse(schema, entry);
    if (!parsed.success) throw invalidParameter('MessageAttributes');
    const { Name, Value } = parsed.output;
    const text = Value.DataType.startsWith('Binary') ? Value.BinaryValue : Value.StringValue;
    if (text === undefined || text === '')
      throw new AwsError('ParameterValueInvalid', `The message attribute '${Name}' must contain a value of its type.`);
    return [Name, Value] as const;
  });
  return Object.fromEntries(attributes);
}

/** Amazon SNS, standard topics. Differences from AWS: docs/local-aws.md. */
export function createSns(account: Account, queues: Queues): QueryService {
  const topics = createTopics(account);
  const traceOf = (header: string | string[] | undefined) => (typeof header === 'string' ? header : undefined);

  return {
    name: 'sns',
    namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    operations: {
      CreateTopic: operation(v.strictObject({ Name: v.string(), Attributes: attributeMap, Tags: ignored }), (input) => ({
        TopicArn: topics.create(input.Name, readMap(input.Attributes)).arn,
      })),
      DeleteTopic: operation(v.strictObject({ TopicArn: topicArn }), (input) => {
        topics.remove(input.TopicArn);
      }),
      ListTopics: operation(v.strictObject({}), () => ({ Topics: { member: topics.all().map(({ arn }) => ({ TopicArn: arn })) } })),
      GetTopicAttributes: operation(v.strictObject({ TopicArn: topicArn }), (input) => {
        const topic = topics.get(input.TopicArn);
        const all = {
          TopicArn: topic.arn,
          Owner: account.accountId,
          SubscriptionsConfirmed: String(topic.subscriptions.size),
          ...topic.attributes,
        };
        return { Attributes: { entry: Object.entries(all).map(([key, value]) => ({ key, value })) } };
      }),
      SetTopicAttributes: operation(
        v.strictObject({ TopicArn: topicArn, AttributeName: v.string(), AttributeValue: v.optional(v.string(), '') }),
        (input) => {
          topics.configure(topics.get(input.TopicArn), { [input.AttributeName]: input.AttributeValue });
        },
      ),
      Subscribe: operation(
        v.strictObject({
          TopicArn: topicArn,
          Protocol: v.string(),
          Endpoint: v.string(),
          Attributes: attributeMap,
          ReturnSubscriptionArn: ignored,
        }),
        (input) => ({
          SubscriptionArn: topics.subscribe(topics.get(input.TopicArn), input.Protocol, input.Endpoint, readMap(input.Attributes)).arn,
        }),
      ),
      SetSubscriptionAttributes: operation(
        v.strictObject({ SubscriptionArn: v.string(), AttributeName: v.string(), AttributeValue: v.optional(v.string(), '') }),
        (input) => {
          topics.configureSubscription(topics.subscription(input.SubscriptionArn), { [input.AttributeName]: input.AttributeValue });
        },
      ),
      Unsubscribe: operation(v.strictObject({ SubscriptionArn: v.string() }), (input) => {
        topics.unsubscribe(input.SubscriptionArn);
      }),
      ListSubscriptionsByTopic: operation(v.strictObject({ TopicArn: topicArn, NextToken: ignored }), (input) => {
        const member = [...topics.get(input.TopicArn).subscriptions.values()].map((one) => ({
          SubscriptionArn: one.arn,
          Owner: account.accountId,
          Protocol: one.protocol,
          Endpoint: one.endpoint,
          TopicArn: one.topicArn,
        }));
        return { Subscriptions: { member } };
      }),
      Publish: operation(v.strictObject({ TopicArn: topicArn, ...publishEntries }), (input, context) => ({
        MessageId: publish(account, queues, topics.get(input.TopicArn), {
          message: input.Message,
          subject: input.Subject,
          attributes: readMessageAttributes(input.MessageAttributes),
          traceHeader: traceOf(context.headers['x-amzn-trace-id']),
        }),
      })),
    },
  };
}

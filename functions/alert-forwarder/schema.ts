import * as v from 'valibot';
import type { ForwardedTopic } from '../shared/domain/alert-endpoints';
import type { Parsed } from '../shared/runtime/batch';

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
const envelopeSchema = v.object({
  Type: v.literal('Notification'),
  MessageId: v.string(),
  TopicArn: v.string(),
  Subject: v.nullish(v.string(), ''),
  Message: v.string(),
});

/** What CloudWatch publishes when an alarm changes its state; the description has the runbook's page. */
const alarmSchema = v.object({
  AlarmName: v.string(),
  AlarmDescription: v.nullish(v.string(), ''),
  NewStateValue: v.string(),
  NewStateReason: v.string(),
});

/** A message of one of our topics. */
export interface Notification {
  readonly topic: ForwardedTopic;
  readonly messageId: string;
  /** Empty where the publisher gave none. */
  readonly subject: string;
  readonly text: string;
}

export type Alarm = v.InferOutput<typeof alarmSchema>;

/** Reads SNS's envelope, as a subscription without raw delivery puts it on a queue. `problem` never shows a value. */
export function notificationParser(topicArns: Readonly<Record<ForwardedTopic, string>>): (text: string) => Parsed<Notification> {
  return (text) => {
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), envelopeSchema), text, { abortEarly: true });
    if (!read.success) return { ok: false, problem: `no notification of SNS: ${v.getDotPath(read.issues[0]) ?? 'not JSON'}` };
    const { TopicArn, MessageId: messageId, Subject: subject, Message } = read.output;
    const topic = topicOf(topicArns, TopicArn);
    if (topic === undefined) return { ok: false, problem: 'of a topic that is not ours' };
    return { ok: true, value: { topic, messageId, subject, text: Message } };
  };
}

/** The message as an alarm of CloudWatch's, or undefined where it is something else. */
export function alarmFrom(text: string): Alarm | undefined {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), alarmSchema), text);
  return read.success ? read.output : undefined;
}

function topicOf({ alerts, operations }: Readonly<Record<ForwardedTopic, string>>, arn: string): ForwardedTopic | undefined {
  if (arn === alerts) return 'alerts';
  return arn === operations ? 'operations' : undefined;
}

import { Construct } from 'constructs';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import type { DeadLetterQueue } from './dead-letter-queue';
import { denyPlainHttp, policyDocument, type Statement } from './policy-document';

export interface PeopleTopicProps {
  readonly name: string;
  /** What mail programs show as the sender. */
  readonly displayName: string;
  readonly keyArn: string;
  /** Addresses to subscribe; each person confirms by e-mail. */
  readonly emails: readonly string[];
  /** Queues to subscribe, each let in by its owner. */
  readonly queueArns: readonly string[];
  /** Takes what could not be delivered. */
  readonly deadLetters: DeadLetterQueue;
  /** Services that may publish, on this topic's ARN. Default: only roles of the account, through IAM. */
  readonly publishers?: (topicArn: string) => readonly Statement[];
}

/** An encrypted topic whose subscribers are people, and queues of whoever tells people in another way. */
export class PeopleTopic extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: PeopleTopicProps) {
    super(scope, id);
    const { name, displayName, keyArn, emails, queueArns, deadLetters, publishers = () => [] } = props;
    const topic = new SnsTopic(this, 'topic', { name, displayName, kmsMasterKeyId: keyArn });
    this.arn = topic.arn;
    deadLetters.acceptFrom('sns.amazonaws.com', topic.arn);
    new SnsTopicPolicy(this, 'policy', {
      arn: topic.arn,
      policy: policyDocument([denyPlainHttp('sns:Publish', topic.arn), ...publishers(topic.arn)]),
    });
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn });
    for (const email of emails) {
      new SnsTopicSubscription(this, `email-${email}`, { topicArn: topic.arn, protocol: 'email', endpoint: email, redrivePolicy });
    }
    for (const queueArn of queueArns) {
      const id = `queue-${queueArn.slice(queueArn.lastIndexOf(':') + 1)}`;
      new SnsTopicSubscription(this, id, { topicArn: topic.arn, protocol: 'sqs', endpoint: queueArn, redrivePolicy });
    }
  }
}

/** Lets the account's alarms publish. */
export function alarmPublisher(accountId: string, anyAlarmArn: string): (topicArn: string) => readonly Statement[] {
  return (topicArn) => [
    {
      Sid: 'FromAlarms',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: topicArn,
      Condition: { StringEquals: { 'aws:SourceAccount': accountId }, ArnLike: { 'aws:SourceArn': anyAlarmArn } },
    },
  ];
}

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
  /** Takes what could not be delivered. */
  readonly deadLetters: DeadLetterQueue;
  /** Services that may publish, on this topic's ARN. Default: only roles of the account, through IAM. */
  readonly publishers?: (topicArn: string) => readonly Statement[];
}

/** An encrypted topic whose subscribers are people. */
export class PeopleTopic extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: PeopleTopicProps) {
    super(scope, id);
    const { name, displayName, keyArn, emails, deadLetters, publishers = () => [] } = props;
    const topic = new SnsTopic(this, 'topic', { name, displayName, kmsMasterKeyId: keyArn });
    this.arn = topic.arn;
    deadLetters.acceptFrom('sns.amazonaws.com', topic.arn);
    new SnsTopicPolicy(this, 'policy', {
      arn: topic.arn,
      policy: policyDocument([denyPlainHttp('sns:Publish', topic.arn), ...publishers(topic.arn)]),
    });
    for (const email of emails) {
      new SnsTopicSubscription(this, `email-${email}`, {
        topicArn: topic.arn,
        protocol: 'email',
        endpoint: email,
        redrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn }),
      });
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

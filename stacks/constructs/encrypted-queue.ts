import { Lazy } from 'cdktf';
import { Construct } from 'constructs';
import { SqsQueue, type SqsQueueConfig } from '@cdktf/provider-aws/lib/sqs-queue';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy';
import { denyPlainHttp, policyDocument, type Statement } from './policy-document';

const day = 24 * 60 * 60;

/** The longest that SQS keeps a message. */
export const deadLetterRetentionSeconds = 14 * day;

/** A message that waits longer has waited over a long weekend; its dead letter still has 10 days left. */
export const workRetentionSeconds = 4 * day;

export interface EncryptedQueueProps {
  readonly name: string;
  readonly keyArn: string;
  readonly settings: Omit<SqsQueueConfig, 'name' | 'kmsMasterKeyId'>;
}

/** A queue encrypted with our key, over TLS only, whose policy names every service that may send to it. */
export class EncryptedQueue extends Construct {
  readonly arn: string;
  readonly url: string;
  private readonly sources = new Map<string, string[]>();

  constructor(scope: Construct, id: string, { name, keyArn, settings }: EncryptedQueueProps) {
    super(scope, id);
    const queue = new SqsQueue(this, 'queue', {
      ...settings,
      name,
      kmsMasterKeyId: keyArn,
      kmsDataKeyReusePeriodSeconds: 300,
      receiveWaitTimeSeconds: 20,
    });
    this.arn = queue.arn;
    this.url = queue.url;
    new SqsQueuePolicy(this, 'policy', {
      queueUrl: queue.url,
      policy: Lazy.stringValue({ produce: () => policyDocument([denyPlainHttp('sqs:*', queue.arn), ...this.senders()]) }),
    });
  }

  /** Lets a service send, but only for this rule, bus or topic. */
  acceptFrom(service: string, sourceArn: string): void {
    const arns = this.sources.get(service) ?? [];
    this.sources.set(service, [...arns, sourceArn]);
  }

  private senders(): readonly Statement[] {
    return [...this.sources].map(([service, arns]) => ({
      Sid: `From${service.charAt(0).toUpperCase()}${service.slice(1).split('.')[0]}`,
      Effect: 'Allow',
      Principal: { Service: service },
      Action: 'sqs:SendMessage',
      Resource: this.arn,
      Condition: { ArnEquals: { 'aws:SourceArn': arns } },
    }));
  }
}

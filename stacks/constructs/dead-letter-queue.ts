import type { Construct } from 'constructs';
import { SqsQueueRedriveAllowPolicy } from '@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy';
import { deadLetterRetentionSeconds, EncryptedQueue } from './encrypted-queue';

export interface DeadLetterQueueProps {
  readonly name: string;
  readonly keyArn: string;
}

/** Where a message waits 14 days for a person when nothing could be done with it. */
export class DeadLetterQueue extends EncryptedQueue {
  constructor(scope: Construct, id: string, { name, keyArn }: DeadLetterQueueProps) {
    super(scope, id, { name, keyArn, settings: { messageRetentionSeconds: deadLetterRetentionSeconds } });
  }

  /** Says which queue may redrive into this one; none, when it is filled by functions, rules or topics. */
  allowRedriveFrom(sourceQueueArn: string | undefined): void {
    const permission =
      sourceQueueArn === undefined ? { redrivePermission: 'denyAll' } : { redrivePermission: 'byQueue', sourceQueueArns: [sourceQueueArn] };
    new SqsQueueRedriveAllowPolicy(this, 'redrive-allow-policy', { queueUrl: this.url, redriveAllowPolicy: JSON.stringify(permission) });
  }
}

import { Construct } from 'constructs';
import { CloudwatchEventArchive } from '@cdktf/provider-aws/lib/cloudwatch-event-archive';
import { CloudwatchEventBus } from '@cdktf/provider-aws/lib/cloudwatch-event-bus';
import type { DeadLetterQueue } from './dead-letter-queue';

export interface EventBusProps {
  readonly name: string;
  readonly keyArn: string;
  /** Takes events that could not be encrypted or decrypted. */
  readonly deadLetters: DeadLetterQueue;
  readonly archiveName: string;
  /** Days that a published event can be replayed. */
  readonly archiveDays: number;
}

/** The bus that every payment event is published on, with an archive to replay from. */
export class EventBus extends Construct {
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, keyArn, deadLetters, archiveName, archiveDays }: EventBusProps) {
    super(scope, id);
    const bus = new CloudwatchEventBus(this, 'bus', {
      name,
      description: 'Payment events of every provider',
      kmsKeyIdentifier: keyArn,
      deadLetterConfig: { arn: deadLetters.arn },
    });
    deadLetters.acceptFrom('events.amazonaws.com', bus.arn);
    new CloudwatchEventArchive(this, 'archive', { name: archiveName, eventSourceArn: bus.arn, retentionDays: archiveDays });
    this.name = bus.name;
    this.arn = bus.arn;
  }
}

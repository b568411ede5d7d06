import type { Construct } from 'constructs';
import { coldStorage, PrivateBucket, type PrivateBucketProps } from './private-bucket';

export interface ArchiveBucketProps extends Omit<PrivateBucketProps, 'lifecycleRules' | 'objectLock'> {
  /** Days after which objects move to GLACIER. */
  readonly coldStorageAfterDays: number;
}

/** The raw webhooks as received, under `webhooks/`. */
export class ArchiveBucket extends PrivateBucket {
  constructor(scope: Construct, id: string, { coldStorageAfterDays, ...props }: ArchiveBucketProps) {
    super(scope, id, { ...props, lifecycleRules: [coldStorage(coldStorageAfterDays, 'GLACIER')] });
  }

  /** ARN of every object that a function may write. */
  get objectsArn(): string {
    return `${this.arn}/webhooks/*`;
  }
}

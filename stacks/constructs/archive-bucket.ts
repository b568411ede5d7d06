import type { Construct } from 'constructs';
import { PrivateBucket, type PrivateBucketProps } from './private-bucket';

/** The raw webhooks as received, under `webhooks/`. */
export class ArchiveBucket extends PrivateBucket {
  constructor(scope: Construct, id: string, props: Omit<PrivateBucketProps, 'coldStorageClass' | 'objectLock'>) {
    super(scope, id, { ...props, coldStorageClass: 'GLACIER' });
  }

  /** ARN of every object that a function may write. */
  get objectsArn(): string {
    return `${this.arn}/webhooks/*`;
  }
}

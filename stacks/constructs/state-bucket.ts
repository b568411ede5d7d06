import type { Construct } from 'constructs';
import { PrivateBucket, type PrivateBucketProps } from './private-bucket';

export interface StateBucketProps extends Omit<PrivateBucketProps, 'lifecycleRules' | 'objectLock'> {
  /** Names of the state files. Terraform's lock file is beside each, named `.tflock`. */
  readonly stateKeys: readonly string[];
}

/** A year of former states, to look back and to recover from. */
const stateHistoryDays = 365;

/** The Terraform state of the other stacks. */
export class StateBucket extends PrivateBucket {
  constructor(scope: Construct, id: string, { stateKeys, ...props }: StateBucketProps) {
    const history = { id: 'state-history', filter: [{ prefix: '' }], days: stateHistoryDays };
    // Every run of Terraform writes and deletes one, and its versions say nothing.
    const locks = stateKeys.map((key, index) => ({ id: `locks-${index + 1}`, filter: [{ prefix: `${key}.tflock` }], days: 1 }));
    super(scope, id, {
      ...props,
      lifecycleRules: [history, ...locks].map(({ days, ...rule }) => ({
        ...rule,
        status: 'Enabled',
        noncurrentVersionExpiration: [{ noncurrentDays: days }],
        expiration: [{ expiredObjectDeleteMarker: true }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
      })),
    });
  }
}

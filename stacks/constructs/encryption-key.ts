import { Construct } from 'constructs';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { namesOf, type Place } from '../naming';
import { keyPolicyStatements } from './key-policy';
import { policyDocument } from './policy-document';

export interface EncryptionKeyProps {
  readonly place: Place;
  /** Refuse to destroy the key, and wait 30 instead of 7 days before a deletion takes effect. */
  readonly retainData: boolean;
}

/** The customer-managed key that encrypts everything at rest, rotated every year. */
export class EncryptionKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { place, retainData }: EncryptionKeyProps) {
    super(scope, id);
    const key = new KmsKey(this, 'key', {
      description: `Payment webhooks ${place.suffix}: table, buckets, queues, topics, bus, logs, secrets`,
      enableKeyRotation: true,
      deletionWindowInDays: retainData ? 30 : 7,
      policy: policyDocument(keyPolicyStatements(place)),
      ...(retainData && { lifecycle: { preventDestroy: true } }),
    });
    new KmsAlias(this, 'alias', { name: namesOf(place.suffix, place.accountId).keyAlias, targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}

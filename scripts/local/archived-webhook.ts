import { createProviders } from '../../functions/shared/providers';
import type { Verification, WebhookRequest } from '../../functions/shared/domain/webhook';
import type { IssuerUnknown } from '../../functions/shared/providers/provider';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** A webhook as it lies in the archive. */
export interface ArchivedWebhook {
  readonly body: Buffer;
  readonly contentType: string;
  readonly request: WebhookRequest;
  readonly archivedAt: Date;
}

/** Fetches the raw bytes and the headers that were signed. Throws when there is no such object. */
export async function readArchivedWebhook(s3: S3Client, bucket: string, key: string): Promise<ArchivedWebhook> {
  const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const body = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
  const headers = Object.fromEntries(
    Object.entries(object.Metadata ?? {}).map(([name, value]) => [name.toLowerCase(), [decodeURIComponent(value)]]),
  );
  return {
    body,
    contentType: object.ContentType ?? '',
    request: { headers, body },
    archivedAt: object.LastModified ?? new Date(0),
  };
}

export interface ReverifyOptions {
  readonly provider: string;
  /** The provider's secret as it stands in Secrets Manager. */
  readonly secretJson: string;
  /** The time that the signature is held against: when the webhook was received. */
  readonly receivedAt: Date;
  /** For PayPal: the certificate that signed, and a root to trust beside the pinned ones. */
  readonly certificatePem?: string;
  readonly rootPem?: string;
}

/** Holds archived bytes against their signature again, with the very code that the receiver verifies with. */
export function reverify(webhook: ArchivedWebhook, options: ReverifyOptions): Verification | IssuerUnknown {
  const providers = createProviders(options.rootPem === undefined ? {} : { paypalLocalTrust: { rootPem: options.rootPem } });
  const provider = providers.get(options.provider);
  if (provider === undefined) throw new Error(`there is no provider ${options.provider}`);
  const read = provider.verifierFrom(options.secretJson);
  if (!read.ok) throw new Error(`the secret of ${options.provider}: ${read.problem}`);
  return read.verifier.verify(webhook.request, options.receivedAt.getTime(), options.certificatePem);
}

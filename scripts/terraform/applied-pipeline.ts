import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { ActivityLog } from '../local/activity';
import { openGateway } from '../local/api-gateway';
import { awsClients, type AwsClients } from '../local/aws-clients';
import { developmentCertificates } from '../local/development-certificates';
import {
  developmentSecrets,
  paypalCertificatePath,
  paypalCertificateUrl,
  paypalCommonName,
  paypalLocalTrust,
} from '../local/development-secrets';
import { hostPipeline, type PipelineHost } from '../local/host';
import { pipelineFrom, type KnownResource, type Pipeline } from '../local/pipeline';
import type { Keys } from '../local/webhook';

export interface AppliedPipelineOptions {
  /** Every resource of the data and the pipeline stack, as the Terraform state knows it. */
  readonly resources: readonly KnownResource[];
  /** Where they were applied. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

/** The applied resources at work: their functions run here, their queues, streams and rules where Terraform made them. */
export interface AppliedPipeline {
  /** Where their API is served. */
  readonly apiUrl: string;
  readonly pipeline: Pipeline;
  readonly clients: AwsClients;
  readonly activity: ActivityLog;
  /** What its webhooks are signed with. */
  readonly keys: Keys;
  /** Runs a function with an event, as Lambda's Invoke does. */
  readonly invoke: PipelineHost['invoke'];
  /** Waits until nothing moves any more; throws after `timeoutMs`. */
  waitForIdle(timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Fills the applied secrets with development ones and drives the applied resources: an API, a Lambda host, pollers. */
export async function driveApplied(options: AppliedPipelineOptions): Promise<AppliedPipeline> {
  const { endpoint, region, accountId, resources } = options;
  const activity = new ActivityLog();
  const clients = awsClients(endpoint, region);
  const pipeline = pipelineFrom(resources);
  const certificates = await developmentCertificates(paypalCommonName);
  const gateway = await openGateway({
    port: 0,
    accountId,
    onRequest: (entry) => {
      activity.add({ kind: 'request', at: Date.now(), entry });
    },
  });
  const secrets = developmentSecrets(gateway.url);
  await fillSecrets(clients, resources, secrets);
  const trust = { PAYPAL_LOCAL_TRUST: paypalLocalTrust(certificates, gateway.url) };
  const receivers = new Set(postTargets(pipeline));
  const host = hostPipeline({
    pipeline,
    clients,
    endpoint,
    region,
    activity,
    extraVariables: (name) => (receivers.has(name) ? trust : {}),
    environments: { api: 4, other: 2 },
    streamIdleMs: 200,
  });
  await host.warmUp();
  gateway.serve({ ...pipeline, files: new Map([[paypalCertificatePath, certificates.certificatePem]]) }, (...call) => host.invoke(...call));
  const paypalSigner = {
    webhookId: secrets.paypal.webhookIds[0] ?? '',
    privateKeyPem: certificates.privateKeyPem,
    certificateUrl: paypalCertificateUrl,
  };
  return {
    apiUrl: gateway.url,
    pipeline,
    clients,
    activity,
    keys: { secrets, paypalSigner },
    invoke: (...call) => host.invoke(...call),
    waitForIdle: (timeoutMs) => host.waitForIdle(timeoutMs),
    stop: async () => {
      await host.stop();
      await gateway.close();
      clients.destroy();
    },
  };
}

function postTargets({ apis }: Pipeline): readonly string[] {
  return apis.flatMap(({ routes }) => routes.filter(({ httpMethod }) => httpMethod === 'POST').map(({ functionName }) => functionName));
}

async function fillSecrets({ secrets: client }: AwsClients, resources: readonly KnownResource[], values: object): Promise<void> {
  const names = resources.filter(({ type }) => type === 'aws_secretsmanager_secret').map(({ settings }) => settings.text('name'));
  for (const [provider, value] of Object.entries(values)) {
    const name = names.find((candidate) => candidate.endsWith(`/${provider}`));
    if (name === undefined) throw new Error(`no secret for ${provider} was applied`);
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(value) }));
  }
}

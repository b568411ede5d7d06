import { awsClients } from '../local/aws-clients';
import { startEmbeddedAws } from '../local/aws/embedded-aws';
import { pipelineFrom, type KnownResource, type Pipeline } from '../local/pipeline';
import { provisionerCatalogue } from '../local/provisioners';
import { provisionStacks } from '../local/provisioning';
import type { SynthesizedStack } from '../local/synthesized-stacks';

const accountId = '123456789012';

export interface KnownPipeline {
  readonly resources: readonly KnownResource[];
  readonly pipeline: Pipeline;
}

/** Resolves every reference of the stacks by making them on an embedded AWS, which is gone again when this returns. Runs no function. */
export async function knownPipeline(stacks: readonly SynthesizedStack[]): Promise<KnownPipeline> {
  const region = stacks.find((stack) => stack.region !== undefined)?.region;
  if (region === undefined) throw new Error('the stacks name no AWS region');
  const aws = await startEmbeddedAws({ port: 0, accountId, region });
  const clients = awsClients(aws.endpoint, region);
  try {
    const catalogue = provisionerCatalogue(clients, { apiUrl: 'https://api.example', awsEndpoint: aws.endpoint });
    const { resources } = await provisionStacks(stacks, catalogue, { accountId, region });
    return { resources, pipeline: pipelineFrom(resources) };
  } finally {
    clients.destroy();
    await aws.close();
  }
}

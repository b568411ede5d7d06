import type { AwsClients } from '../aws-clients';
import type { ProvisionerCatalogue } from '../provisioning';
import { apiProvisioners } from './api';
import { bucketProvisioners } from './buckets';
import { eventProvisioners } from './events';
import { functionProvisioners } from './functions';
import { logGroupProvisioners } from './log-groups';
import { parameterProvisioners } from './parameters';
import { queueProvisioners } from './queues';
import { tableProvisioners } from './tables';
import { topicProvisioners } from './topics';
import { withoutBehaviour } from './without-behaviour';

/** Every resource type that the local run understands. */
export function provisionerCatalogue(
  clients: AwsClients,
  { apiUrl, awsEndpoint }: { readonly apiUrl: string; readonly awsEndpoint: string },
): ProvisionerCatalogue {
  return {
    withoutBehaviour,
    provisioners: {
      ...apiProvisioners(apiUrl),
      ...bucketProvisioners(clients),
      ...eventProvisioners(clients),
      ...functionProvisioners(apiUrl),
      ...logGroupProvisioners(awsEndpoint),
      ...parameterProvisioners(clients),
      ...queueProvisioners(clients),
      ...tableProvisioners(clients),
      ...topicProvisioners(clients),
    },
  };
}

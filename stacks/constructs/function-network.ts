import { Construct } from 'constructs';
import { namesOf, type Place } from '../naming';
import type { Environment } from '../settings';
import { FlowLogs } from './flow-logs';
import { Network } from './network';
import type { FunctionSubnets } from './network-access';
import { ServiceEndpoints } from './service-endpoints';

export interface FunctionNetworkProps {
  readonly place: Place;
  readonly environment: Environment;
  /** ARN of the key that encrypts the flow log. */
  readonly keyArn: string;
}

/** The network that the functions of an environment run in. */
export class FunctionNetwork extends Construct {
  readonly subnets: FunctionSubnets;

  constructor(scope: Construct, id: string, { place, environment, keyArn }: FunctionNetworkProps) {
    super(scope, id);
    const names = namesOf(place.suffix, place.accountId);
    const { interfaceServices, flowLogs, ...settings } = environment.network;
    const network = new Network(this, 'network', { name: names.network, ...settings });
    new ServiceEndpoints(this, 'endpoints', { name: names.network, region: place.region, network, interfaceServices });
    if (flowLogs) {
      new FlowLogs(this, 'flow-logs', {
        name: names.flowLogRole,
        vpcId: network.vpcId,
        accountId: place.accountId,
        logGroup: { name: names.flowLog, keyArn, retentionDays: environment.logRetentionDays },
      });
    }
    this.subnets = { subnetIds: network.privateSubnetIds, securityGroupIds: [network.functionSecurityGroupId] };
  }
}

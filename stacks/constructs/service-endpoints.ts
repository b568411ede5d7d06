import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Construct } from 'constructs';
import type { InterfaceService } from '../interface-services';
import type { Network } from './network';

export interface ServiceEndpointsProps {
  /** First part of the endpoints' names. */
  readonly name: string;
  readonly region: string;
  readonly network: Network;
  /** Services to reach without the internet, each for a price per zone and hour. Needed for all that the functions call where there is no NAT gateway. */
  readonly interfaceServices: readonly InterfaceService[];
}

/** Private ways from the functions to AWS: S3 and DynamoDB always, which costs nothing, the others as asked for. */
export class ServiceEndpoints extends Construct {
  constructor(scope: Construct, id: string, props: ServiceEndpointsProps) {
    super(scope, id);
    const { network, region } = props;
    for (const service of ['s3', 'dynamodb']) {
      new VpcEndpoint(this, service, {
        vpcId: network.vpcId,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: 'Gateway',
        routeTableIds: [...network.privateRouteTableIds],
        tags: { Name: `${props.name}-${service}` },
      });
    }
    if (props.interfaceServices.length === 0) return;
    const securityGroupId = this.securityGroup(props);
    for (const service of props.interfaceServices) {
      new VpcEndpoint(this, service, {
        vpcId: network.vpcId,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: 'Interface',
        privateDnsEnabled: true,
        subnetIds: [...network.privateSubnetIds],
        securityGroupIds: [securityGroupId],
        tags: { Name: `${props.name}-${service}` },
      });
    }
  }

  private securityGroup({ name, network }: ServiceEndpointsProps): string {
    const group = new SecurityGroup(this, 'security-group', {
      vpcId: network.vpcId,
      name: `${name}-endpoints`,
      description: 'Endpoints: HTTPS from the functions',
      tags: { Name: `${name}-endpoints` },
    });
    new VpcSecurityGroupIngressRule(this, 'https-from-functions', {
      securityGroupId: group.id,
      description: 'HTTPS from the functions',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      referencedSecurityGroupId: network.functionSecurityGroupId,
    });
    return group.id;
  }
}

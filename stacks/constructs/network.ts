import { DataAwsAvailabilityZones } from '@cdktf/provider-aws/lib/data-aws-availability-zones';
import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { Eip } from '@cdktf/provider-aws/lib/eip';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway';
import { Route } from '@cdktf/provider-aws/lib/route';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { Subnet } from '@cdktf/provider-aws/lib/subnet';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { Fn, Token } from 'cdktf';
import { Construct } from 'constructs';
import { subnetOf } from '../cidr';

const anywhere = '0.0.0.0/0';
const zoneCount = 2;

export interface NetworkProps {
  /** Name of the VPC and first part of the names in it. */
  readonly name: string;
  /** Range of the VPC, /16 to /24. Each private subnet gets a quarter of it, each public one a sixteenth. */
  readonly cidr: string;
  /** Names of two availability zones. Left out, the region's first two are taken; a zone that AWS adds later may then move the subnets. */
  readonly availabilityZones?: readonly string[];
  /** NAT gateways: 0 leaves the functions without a way to the internet, 1 is shared by both zones, 2 survives the loss of a zone. */
  readonly natGateways: number;
}

/** The network of the functions: no way in, and HTTPS out through NAT gateways. */
export class Network extends Construct {
  readonly vpcId: string;
  readonly privateSubnetIds: readonly string[];
  readonly privateRouteTableIds: readonly string[];
  /** For functions: accepts nothing, sends to port 443 only. */
  readonly functionSecurityGroupId: string;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const vpc = new Vpc(this, 'vpc', {
      cidrBlock: props.cidr,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: props.name },
    });
    this.vpcId = vpc.id;
    // Adopting it without rules takes away the traffic that AWS lets through by default.
    new DefaultSecurityGroup(this, 'default-security-group', { vpcId: vpc.id, tags: { Name: `${props.name}-default-closed` } });
    const zones = this.zoneNames(props.availabilityZones);
    const natGatewayIds = this.publicSide(vpc.id, props, zones);
    const privateSides = zones.map((zone, index) => this.privateSide(vpc.id, props, zone, index, natGatewayIds));
    this.privateSubnetIds = privateSides.map((side) => side.subnetId);
    this.privateRouteTableIds = privateSides.map((side) => side.routeTableId);
    this.functionSecurityGroupId = this.functionSecurityGroup(vpc.id, props.name);
  }

  private zoneNames(configured: readonly string[] | undefined): readonly string[] {
    if (configured !== undefined) return configured;
    const available = new DataAwsAvailabilityZones(this, 'availability-zones', {
      state: 'available',
      // Local and wavelength zones have neither Lambda nor NAT gateways.
      filter: [{ name: 'opt-in-status', values: ['opt-in-not-required'] }],
    });
    return Array.from({ length: zoneCount }, (_, index) => Token.asString(Fn.element(available.names, index)));
  }

  /** Returns the ids of the NAT gateways. Nothing but them lives in the public subnets. */
  private publicSide(vpcId: string, props: NetworkProps, zones: readonly string[]): readonly string[] {
    const gateway = new InternetGateway(this, 'internet-gateway', { vpcId, tags: { Name: props.name } });
    const table = new RouteTable(this, 'public-routes', { vpcId, tags: { Name: `${props.name}-public` } });
    new Route(this, 'public-default-route', { routeTableId: table.id, destinationCidrBlock: anywhere, gatewayId: gateway.id });
    const subnets = zones.map((zone, index) => {
      const name = `${props.name}-public-${index + 1}`;
      const cidrBlock = subnetOf(props.cidr, 4, 8 + index);
      const subnet = new Subnet(this, `public-subnet-${index + 1}`, { vpcId, cidrBlock, availabilityZone: zone, tags: { Name: name } });
      new RouteTableAssociation(this, `public-subnet-${index + 1}-routes`, { subnetId: subnet.id, routeTableId: table.id });
      return subnet;
    });
    return subnets.slice(0, props.natGateways).map((subnet, index) => {
      const tags = { Name: `${props.name}-${index + 1}` };
      const address = new Eip(this, `nat-address-${index + 1}`, { domain: 'vpc', tags, dependsOn: [gateway] });
      return new NatGateway(this, `nat-gateway-${index + 1}`, { allocationId: address.id, subnetId: subnet.id, tags, dependsOn: [gateway] })
        .id;
    });
  }

  private privateSide(vpcId: string, props: NetworkProps, zone: string, index: number, natGatewayIds: readonly string[]) {
    const number = index + 1;
    const tags = { Name: `${props.name}-private-${number}` };
    const cidrBlock = subnetOf(props.cidr, 2, index);
    const subnet = new Subnet(this, `private-subnet-${number}`, { vpcId, cidrBlock, availabilityZone: zone, tags });
    const table = new RouteTable(this, `private-routes-${number}`, { vpcId, tags });
    new RouteTableAssociation(this, `private-subnet-${number}-routes`, { subnetId: subnet.id, routeTableId: table.id });
    const natGatewayId = natGatewayIds[index] ?? natGatewayIds[0];
    if (natGatewayId !== undefined) {
      new Route(this, `private-default-route-${number}`, { routeTableId: table.id, destinationCidrBlock: anywhere, natGatewayId });
    }
    return { subnetId: subnet.id, routeTableId: table.id };
  }

  private functionSecurityGroup(vpcId: string, name: string): string {
    const group = new SecurityGroup(this, 'function-security-group', {
      vpcId,
      name: `${name}-functions`,
      description: 'Functions: no inbound, HTTPS outbound',
      tags: { Name: `${name}-functions` },
    });
    new VpcSecurityGroupEgressRule(this, 'function-https', {
      securityGroupId: group.id,
      description: 'AWS APIs and the PayPal certificate host, whose addresses change',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      cidrIpv4: anywhere,
    });
    return group.id;
  }
}

import { describe, expect, it } from '@jest/globals';
import { Network, type NetworkProps } from '../../../stacks/constructs/network';
import { onlyResource, resources, synthesized } from '../../support/synthesized-construct';

function network(props: Partial<NetworkProps> = {}) {
  return synthesized((scope) => new Network(scope, 'network', { name: 'payments-test', cidr: '10.0.0.0/16', natGateways: 1, ...props }));
}

function values(stack: ReturnType<typeof network>, type: string, attribute: string): readonly unknown[] {
  return Object.values(resources(stack, type)).map((resource) => resource[attribute]);
}

describe('Network', () => {
  it('has two private and two public subnets that do not overlap', () => {
    expect(values(network(), 'aws_subnet', 'cidr_block')).toEqual(['10.0.0.0/18', '10.0.64.0/18', '10.0.128.0/20', '10.0.144.0/20']);
  });

  it('spreads each pair of subnets over two zones', () => {
    const zones = values(network({ availabilityZones: ['ap-southeast-1a', 'ap-southeast-1b'] }), 'aws_subnet', 'availability_zone');
    expect(zones).toEqual(['ap-southeast-1a', 'ap-southeast-1b', 'ap-southeast-1a', 'ap-southeast-1b']);
  });

  it('asks AWS for zones when none are named', () => {
    const stack = network();
    expect(stack.data['aws_availability_zones']).toBeDefined();
    expect(new Set(values(stack, 'aws_subnet', 'availability_zone')).size).toBe(2);
  });

  it('does not ask AWS for zones when they are named', () => {
    expect(network({ availabilityZones: ['ap-southeast-1a', 'ap-southeast-1b'] }).data['aws_availability_zones']).toBeUndefined();
  });

  it.each([
    [0, 0],
    [1, 2],
    [2, 2],
  ])('with %d NAT gateways has %d private default routes', (natGateways, routes) => {
    const stack = network({ natGateways });
    const natRoutes = values(stack, 'aws_route', 'nat_gateway_id').filter((id) => id !== undefined);
    expect(natRoutes).toHaveLength(routes);
    expect(new Set(natRoutes).size).toBe(natGateways);
    expect(Object.keys(resources(stack, 'aws_nat_gateway'))).toHaveLength(natGateways);
    expect(Object.keys(resources(stack, 'aws_eip'))).toHaveLength(natGateways);
  });

  it('keeps private subnets away from the internet gateway', () => {
    const stack = network();
    const routes = Object.values(resources(stack, 'aws_route'));
    const throughInternetGateway = routes.filter((route) => route['gateway_id'] !== undefined);
    expect(throughInternetGateway.map((route) => route['route_table_id'])).toEqual([expect.stringContaining('public-routes')]);
  });

  it('gives no instance a public address', () => {
    expect(values(network(), 'aws_subnet', 'map_public_ip_on_launch').every((value) => value === undefined)).toBe(true);
  });

  it('lets functions send to port 443 only and receive nothing', () => {
    const stack = network();
    expect(resources(stack, 'aws_vpc_security_group_ingress_rule')).toEqual({});
    expect(onlyResource(stack, 'aws_vpc_security_group_egress_rule')).toMatchObject({ from_port: 443, to_port: 443, ip_protocol: 'tcp' });
    expect(onlyResource(stack, 'aws_security_group')).not.toHaveProperty('ingress');
    expect(onlyResource(stack, 'aws_security_group')).not.toHaveProperty('egress');
  });

  it('closes the default security group', () => {
    const group = onlyResource(network(), 'aws_default_security_group');
    expect(group).not.toHaveProperty('ingress');
    expect(group).not.toHaveProperty('egress');
  });
});

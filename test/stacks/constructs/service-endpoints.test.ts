import { describe, expect, it } from '@jest/globals';
import { Network } from '../../../stacks/constructs/network';
import { ServiceEndpoints } from '../../../stacks/constructs/service-endpoints';
import type { InterfaceService } from '../../../stacks/interface-services';
import { onlyResource, resources, synthesized, type Attributes } from '../../support/synthesized-construct';

function endpoints(interfaceServices: readonly InterfaceService[]) {
  return synthesized((scope) => {
    const network = new Network(scope, 'network', { name: 'payments-test', cidr: '10.0.0.0/16', natGateways: 0 });
    new ServiceEndpoints(scope, 'endpoints', { name: 'payments-test', region: 'eu-west-1', network, interfaceServices });
  });
}

function byService(stack: ReturnType<typeof endpoints>): ReadonlyMap<unknown, Attributes> {
  return new Map(Object.values(resources(stack, 'aws_vpc_endpoint')).map((endpoint) => [endpoint['service_name'], endpoint]));
}

describe('ServiceEndpoints', () => {
  it('reaches S3 and DynamoDB through the route tables of both private subnets, always', () => {
    const all = byService(endpoints([]));
    expect(new Set(all.keys())).toEqual(new Set(['com.amazonaws.eu-west-1.s3', 'com.amazonaws.eu-west-1.dynamodb']));
    for (const endpoint of all.values()) {
      expect(endpoint).toMatchObject({ vpc_endpoint_type: 'Gateway' });
      expect(endpoint['route_table_ids']).toHaveLength(2);
    }
  });

  it('puts an interface of each service asked for into both private subnets', () => {
    const all = byService(endpoints(['sqs', 'secretsmanager']));
    expect(all.size).toBe(4);
    const endpoint = all.get('com.amazonaws.eu-west-1.secretsmanager');
    expect(endpoint).toMatchObject({ vpc_endpoint_type: 'Interface', private_dns_enabled: true });
    expect(endpoint?.['subnet_ids']).toHaveLength(2);
  });

  it('lets only the functions reach the interfaces, over HTTPS', () => {
    const rule = onlyResource(endpoints(['sqs']), 'aws_vpc_security_group_ingress_rule');
    expect(rule).toMatchObject({ from_port: 443, to_port: 443, ip_protocol: 'tcp' });
    expect(rule['referenced_security_group_id']).toContain('function-security-group');
    expect(rule).not.toHaveProperty('cidr_ipv4');
  });

  it('makes no security group when there is no interface', () => {
    expect(resources(endpoints([]), 'aws_vpc_security_group_ingress_rule')).toEqual({});
  });
});

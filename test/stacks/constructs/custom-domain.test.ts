import { describe, expect, it } from '@jest/globals';
import { CustomDomain, type CustomDomainProps } from '../../../stacks/constructs/custom-domain';
import { onlyResource, resources, synthesized } from '../../support/synthesized-construct';

function domain(props: Partial<CustomDomainProps> = {}) {
  return synthesized(
    (scope) =>
      new CustomDomain(scope, 'domain', {
        domainName: 'webhooks.example.com',
        certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/1',
        restApiId: 'api-1',
        stageName: 'prod',
        ...props,
      }),
  );
}

describe('CustomDomain', () => {
  it('speaks TLS 1.2 or newer, in the region of the API', () => {
    expect(onlyResource(domain(), 'aws_api_gateway_domain_name')).toMatchObject({
      domain_name: 'webhooks.example.com',
      security_policy: 'TLS_1_2',
      regional_certificate_arn: 'arn:aws:acm:eu-west-1:123456789012:certificate/1',
      endpoint_configuration: { types: ['REGIONAL'] },
    });
  });

  it('leads to the stage without naming it in the path', () => {
    const mapping = onlyResource(domain(), 'aws_api_gateway_base_path_mapping');
    expect(mapping).toMatchObject({ api_id: 'api-1', stage_name: 'prod' });
    expect(mapping).not.toHaveProperty('base_path');
  });

  it('makes the name in a zone where it is given one', () => {
    expect(onlyResource(domain({ hostedZoneId: 'Z1' }), 'aws_route53_record')).toMatchObject({
      zone_id: 'Z1',
      name: 'webhooks.example.com',
      type: 'A',
    });
    expect(resources(domain(), 'aws_route53_record')).toEqual({});
  });
});

import { ApiGatewayBasePathMapping } from '@cdktf/provider-aws/lib/api-gateway-base-path-mapping';
import { ApiGatewayDomainName } from '@cdktf/provider-aws/lib/api-gateway-domain-name';
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record';
import { Construct } from 'constructs';

export interface CustomDomainProps {
  /** Name that providers post to, such as `webhooks.example.com`. */
  readonly domainName: string;
  /** ARN of an issued ACM certificate for the name, in the API's region. */
  readonly certificateArn: string;
  /** Id of the Route 53 zone to make the name in. Left out, somebody else points the name at the domain's target. */
  readonly hostedZoneId?: string;
  readonly restApiId: string;
  readonly stageName: string;
}

/** A name of our own for the API. Square signs the URL, so changing it means changing the URL at Square and in its secret together. */
export class CustomDomain extends Construct {
  /** Base URL without a slash at its end; the stage is not part of it. */
  readonly url: string;
  /** Where the name has to point. */
  readonly target: string;

  constructor(scope: Construct, id: string, props: CustomDomainProps) {
    super(scope, id);
    const domain = new ApiGatewayDomainName(this, 'domain', {
      domainName: props.domainName,
      regionalCertificateArn: props.certificateArn,
      securityPolicy: 'TLS_1_2',
      endpointConfiguration: { types: ['REGIONAL'] },
    });
    new ApiGatewayBasePathMapping(this, 'mapping', { apiId: props.restApiId, stageName: props.stageName, domainName: domain.domainName });
    if (props.hostedZoneId !== undefined) {
      new Route53Record(this, 'record', {
        zoneId: props.hostedZoneId,
        name: props.domainName,
        type: 'A',
        alias: { name: domain.regionalDomainName, zoneId: domain.regionalZoneId, evaluateTargetHealth: false },
      });
    }
    this.url = `https://${props.domainName}`;
    this.target = domain.regionalDomainName;
  }
}

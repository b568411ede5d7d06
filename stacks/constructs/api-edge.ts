import { Construct } from 'constructs';
import { namesOf, type Place } from '../naming';
import type { Environment } from '../settings';
import { trustedProviderRanges } from '../trusted-ranges';
import { CustomDomain } from './custom-domain';
import { WebAcl } from './web-acl';
import type { WebhookApi } from './webhook-api';

export interface ApiEdgeProps {
  readonly place: Place;
  readonly environment: Environment;
  readonly api: WebhookApi;
  /** ARN of the key that encrypts the web ACL's log. */
  readonly keyArn: string;
}

/** What stands between the internet and the API: the web ACL and the domain name, where the environment has them. */
export class ApiEdge extends Construct {
  /** What providers post to, without a slash at its end. */
  readonly url: string;
  /** Where the custom domain has to point; undefined without one. */
  readonly domainTarget: string | undefined;

  constructor(scope: Construct, id: string, { place, environment, api, keyArn }: ApiEdgeProps) {
    super(scope, id);
    const { webAcl, customDomain, maxBodyBytes, logRetentionDays } = environment;
    const names = namesOf(place.suffix, place.accountId);
    if (webAcl !== undefined) {
      new WebAcl(this, 'web-acl', {
        name: names.webAcl,
        stageArn: api.stageArn,
        trustedRanges: Object.fromEntries(webAcl.trustedRanges.map((name) => [name, trustedProviderRanges[name]])),
        requestsPerMinute: webAcl.requestsPerMinute,
        maxBodyBytes,
        logGroup: { name: names.webAclLog, keyArn, retentionDays: logRetentionDays },
      });
    }
    const domain = customDomain && new CustomDomain(this, 'domain', { ...customDomain, restApiId: api.id, stageName: api.stageName });
    this.url = domain?.url ?? api.url;
    this.domainTarget = domain?.target;
  }
}

import { Construct } from 'constructs';
import { CloudwatchEventApiDestination } from '@cdktf/provider-aws/lib/cloudwatch-event-api-destination';
import { CloudwatchEventConnection } from '@cdktf/provider-aws/lib/cloudwatch-event-connection';
import { defaultHeader, defaultRatePerSecond, type HttpsTarget } from '../subscribers';

export interface HttpsDestinationProps {
  /** Name of the connection and of the destination. */
  readonly name: string;
  readonly target: HttpsTarget;
}

/** What is sent until somebody sets the secret. It is no secret, and so may be in the Terraform state. */
export const unauthorizedValue = 'not-authorized-yet';

/** An HTTPS endpoint that EventBridge posts to, with a secret in a header that Terraform never learns. */
export class HttpsDestination extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, target }: HttpsDestinationProps) {
    super(scope, id);
    const connection = new CloudwatchEventConnection(this, 'connection', {
      name,
      description: `Not authorized yet: npm run ops -- subscribers authorize`,
      authorizationType: 'API_KEY',
      authParameters: { apiKey: { key: target.header ?? defaultHeader, value: unauthorizedValue } },
      // Everything, not the secret alone: a change of anything else would send the placeholder along (docs/decisions/subscriber-authorization.md).
      lifecycle: { ignoreChanges: 'all' },
    });
    const destination = new CloudwatchEventApiDestination(this, 'destination', {
      name,
      connectionArn: connection.arn,
      httpMethod: 'POST',
      invocationEndpoint: target.url,
      invocationRateLimitPerSecond: target.ratePerSecond ?? defaultRatePerSecond,
    });
    this.arn = destination.arn;
  }
}

import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { ApiGatewayGatewayResponse } from '@cdktf/provider-aws/lib/api-gateway-gateway-response';
import type { ApiGatewayRestApi } from '@cdktf/provider-aws/lib/api-gateway-rest-api';

/** One kind of answer that API Gateway gives by itself, without asking a function. */
interface GatewayAnswer {
  /** API Gateway's name for it: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
  readonly type: string;
  /** Other than API Gateway's own status. */
  readonly statusCode?: number;
  /** Fixed words; undefined: API Gateway's own. */
  readonly error?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** In the receiver's words, with the same status for the same reason. The two defaults stand in for every type that has no answer of its own. */
const gatewayAnswers: readonly GatewayAnswer[] = [
  { type: 'DEFAULT_4XX' },
  { type: 'DEFAULT_5XX' },
  // API Gateway would call an unknown path a missing token, with a 403 that sends people looking for credentials.
  { type: 'MISSING_AUTHENTICATION_TOKEN', statusCode: 404, error: 'Not found' },
  { type: 'REQUEST_TOO_LARGE', error: 'Body too large' },
  { type: 'THROTTLED', error: 'Too many requests', headers: { 'Retry-After': '1' } },
  { type: 'WAF_FILTERED', error: 'Forbidden' },
];

/** What API Gateway says itself is JSON with the `requestId`, as every answer of the pipeline is. */
export class GatewayAnswers extends Construct {
  readonly all: readonly ITerraformDependable[];
  /** What a new deployment has to pick up. */
  readonly description: string;

  constructor(scope: Construct, id: string, api: ApiGatewayRestApi) {
    super(scope, id);
    const responses = gatewayAnswers.map((answer) => ({ ...answer, template: templateOf(answer.error) }));
    this.all = responses.map(
      ({ type, statusCode, headers, template }) =>
        new ApiGatewayGatewayResponse(this, type.toLowerCase().replaceAll('_', '-'), {
          restApiId: api.id,
          responseType: type,
          ...(statusCode !== undefined && { statusCode: String(statusCode) }),
          ...(headers !== undefined && { responseParameters: parametersOf(headers) }),
          responseTemplates: { 'application/json': template },
        }),
    );
    this.description = JSON.stringify(responses);
  }
}

/** No Velocity here: API Gateway puts variables in and does nothing else. `messageString` is its own words, in quotes. */
function templateOf(error: string | undefined): string {
  return `{"error":${error === undefined ? '$context.error.messageString' : JSON.stringify(error)},"requestId":"$context.requestId"}`;
}

/** A fixed value is quoted; without quotes it would name a part of the request. */
function parametersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [`gatewayresponse.header.${name}`, `'${value}'`]));
}

import { Construct } from 'constructs';
import { ApiGatewayIntegration } from '@cdktf/provider-aws/lib/api-gateway-integration';
import { ApiGatewayMethod } from '@cdktf/provider-aws/lib/api-gateway-method';
import type { ApiGatewayRestApi } from '@cdktf/provider-aws/lib/api-gateway-rest-api';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { apiStageName } from '../naming';

/** A function that can answer requests. */
export interface RequestHandler {
  readonly name: string;
  readonly invokeArn: string;
}

export interface ApiRouteProps {
  readonly api: ApiGatewayRestApi;
  readonly resourceId: string;
  readonly method: 'GET' | 'POST';
  /** Path as in `/webhook/{provider}`. */
  readonly path: string;
  readonly handler: RequestHandler;
}

/** The longest that API Gateway waits without a raised quota. */
const integrationTimeoutMs = 29_000;

/** A method and path of the API, the function that answers it, and the right to call that function for it. */
export class ApiRoute extends Construct {
  readonly integration: ApiGatewayIntegration;
  /** What a new deployment has to pick up. */
  readonly description: string;

  constructor(scope: Construct, id: string, { api, resourceId, method, path, handler }: ApiRouteProps) {
    super(scope, id);
    const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `method.request.path.${name}`);
    const apiMethod = new ApiGatewayMethod(this, 'method', {
      restApiId: api.id,
      resourceId,
      httpMethod: method,
      // The sender proves itself by its signature.
      authorization: 'NONE',
      ...(parameters.length > 0 && { requestParameters: Object.fromEntries(parameters.map((name) => [name, true])) }),
    });
    this.integration = new ApiGatewayIntegration(this, 'integration', {
      restApiId: api.id,
      resourceId,
      httpMethod: apiMethod.httpMethod,
      type: 'AWS_PROXY',
      integrationHttpMethod: 'POST',
      uri: handler.invokeArn,
      timeoutMilliseconds: integrationTimeoutMs,
    });
    new LambdaPermission(this, 'permission', {
      functionName: handler.name,
      action: 'lambda:InvokeFunction',
      principal: 'apigateway.amazonaws.com',
      sourceArn: `${api.executionArn}/${apiStageName}/${method}${path.replace(/\{\w+\}/g, '*')}`,
    });
    this.description = `${method} ${path} -> AWS_PROXY, ${integrationTimeoutMs} ms`;
  }
}

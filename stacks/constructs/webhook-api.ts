import { createHash } from 'node:crypto';
import { Construct } from 'constructs';
import { ApiGatewayDeployment } from '@cdktf/provider-aws/lib/api-gateway-deployment';
import { ApiGatewayMethodSettings } from '@cdktf/provider-aws/lib/api-gateway-method-settings';
import { ApiGatewayResource } from '@cdktf/provider-aws/lib/api-gateway-resource';
import { ApiGatewayRestApi } from '@cdktf/provider-aws/lib/api-gateway-rest-api';
import { ApiGatewayStage } from '@cdktf/provider-aws/lib/api-gateway-stage';
import { apiStageName } from '../naming';
import { accessLogFormat, ApiLogging, type ApiLoggingProps } from './api-logging';
import { ApiRoute, type RequestHandler } from './api-route';
import { GatewayAnswers } from './gateway-answers';

export interface WebhookApiProps {
  readonly name: string;
  readonly receiver: RequestHandler;
  readonly healthCheck: RequestHandler;
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number };
  readonly logging: Omit<ApiLoggingProps, 'api'>;
}

/** Every body arrives as base64 and so byte for byte; as text, API Gateway would replace what is not UTF-8 and break signatures. */
const binaryMediaTypes = ['*/*'];

/** The regional REST API that providers post to. */
export class WebhookApi extends Construct {
  readonly id: string;
  readonly stageArn: string;
  readonly stageName: string;
  /** URL of the stage, without a slash at its end. */
  readonly url: string;

  constructor(scope: Construct, id: string, { name, receiver, healthCheck, throttle, logging }: WebhookApiProps) {
    super(scope, id);
    const api = new ApiGatewayRestApi(this, 'api', {
      name,
      description: 'Takes payment webhooks',
      endpointConfiguration: { types: ['REGIONAL'] },
      binaryMediaTypes,
    });
    const stage = this.deploy(api, this.addRoutes(api, receiver, healthCheck), new ApiLogging(this, 'logging', { ...logging, api }));
    new ApiGatewayMethodSettings(this, 'method-settings', {
      restApiId: api.id,
      stageName: stage.stageName,
      methodPath: '*/*',
      settings: {
        metricsEnabled: true,
        loggingLevel: 'INFO',
        // Bodies and headers would be in the log otherwise.
        dataTraceEnabled: false,
        throttlingRateLimit: throttle.requestsPerSecond,
        throttlingBurstLimit: throttle.burst,
      },
    });
    this.id = api.id;
    this.stageArn = stage.arn;
    this.stageName = stage.stageName;
    this.url = stage.invokeUrl;
  }

  private addRoutes(api: ApiGatewayRestApi, receiver: RequestHandler, healthCheck: RequestHandler): readonly ApiRoute[] {
    const resource = (id: string, parentId: string, pathPart: string) =>
      new ApiGatewayResource(this, id, { restApiId: api.id, parentId, pathPart }).id;
    const webhook = resource('webhook', api.rootResourceId, 'webhook');
    const provider = resource('webhook-provider', webhook, '{provider}');
    const health = resource('health', api.rootResourceId, 'health');
    return [
      new ApiRoute(this, 'post-webhook', { api, resourceId: webhook, method: 'POST', path: '/webhook', handler: receiver }),
      new ApiRoute(this, 'post-webhook-provider', {
        api,
        resourceId: provider,
        method: 'POST',
        path: '/webhook/{provider}',
        handler: receiver,
      }),
      new ApiRoute(this, 'get-health', { api, resourceId: health, method: 'GET', path: '/health', handler: healthCheck }),
    ];
  }

  private deploy(api: ApiGatewayRestApi, routes: readonly ApiRoute[], logging: ApiLogging): ApiGatewayStage {
    const answers = new GatewayAnswers(this, 'answers', api);
    const content = JSON.stringify({ binaryMediaTypes, routes: routes.map((route) => route.description), answers: answers.description });
    const deployment = new ApiGatewayDeployment(this, 'deployment', {
      restApiId: api.id,
      // A deployment is a snapshot: without a new one, a changed route or answer would not be served.
      triggers: { redeployment: createHash('sha256').update(content).digest('hex') },
      lifecycle: { createBeforeDestroy: true },
      dependsOn: [...routes.map((route) => route.integration), ...answers.all],
    });
    return new ApiGatewayStage(this, 'stage', {
      restApiId: api.id,
      deploymentId: deployment.id,
      stageName: apiStageName,
      xrayTracingEnabled: true,
      accessLogSettings: { destinationArn: logging.accessLogArn, format: accessLogFormat },
      dependsOn: [...logging.prerequisites],
    });
  }
}

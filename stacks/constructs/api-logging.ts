import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { ApiGatewayAccount } from '@cdktf/provider-aws/lib/api-gateway-account';
import type { ApiGatewayRestApi } from '@cdktf/provider-aws/lib/api-gateway-rest-api';
import { CloudwatchLogMetricFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-metric-filter';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { apiStageName } from '../naming';
import { EncryptedLogGroup } from './encrypted-log-group';
import type { Metric } from './metrics';
import { trustPolicy } from './policy-document';

export interface ApiLoggingProps {
  readonly api: ApiGatewayRestApi;
  readonly accessLogName: string;
  readonly keyArn: string;
  readonly retentionDays: number;
  /** Counts the requests that were answered 429. */
  readonly throttled: Metric;
  /** Name of the role that API Gateway writes logs with, when this stack is to set it for the account; undefined where another does. */
  readonly accountRoleName: string | undefined;
}

/** One line per request. The extended id is the one for audit, as a caller can choose the plain one. */
export const accessLogFormat = JSON.stringify({
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  requestTime: '$context.requestTime',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  responseLength: '$context.responseLength',
  responseLatencyMs: '$context.responseLatency',
  // Lambda's id of the run, which its log lines and the answer bear.
  functionRequestId: '$context.integration.requestId',
  integrationLatencyMs: '$context.integrationLatency',
  error: '$context.error.message',
  xrayTraceId: '$context.xrayTraceId',
});

/** Log groups of the API, made before API Gateway would make its own without retention or key, and the right to write to them. */
export class ApiLogging extends Construct {
  readonly accessLogArn: string;
  /** What has to exist before a stage logs. */
  readonly prerequisites: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ApiLoggingProps) {
    super(scope, id);
    const { api, accessLogName, keyArn, retentionDays, throttled, accountRoleName } = props;
    const accessLog = new EncryptedLogGroup(this, 'access-log', { name: accessLogName, keyArn, retentionDays });
    this.accessLogArn = accessLog.arn;
    new CloudwatchLogMetricFilter(this, 'throttled', {
      name: `${api.name}-throttled`,
      logGroupName: accessLog.name,
      pattern: '{ $.status = "429" }',
      metricTransformation: { namespace: throttled.namespace, name: throttled.name, value: '1', defaultValue: '0', unit: 'Count' },
    });
    const executionLogName = `API-Gateway-Execution-Logs_${api.id}/${apiStageName}`;
    const executionLog = new EncryptedLogGroup(this, 'execution-log', { name: executionLogName, keyArn, retentionDays });
    this.prerequisites = accountRoleName === undefined ? [executionLog] : [executionLog, this.accountRole(accountRoleName)];
  }

  private accountRole(name: string): ApiGatewayAccount {
    const role = new IamRole(this, 'role', { name, assumeRolePolicy: trustPolicy('apigateway.amazonaws.com') });
    const attachment = new IamRolePolicyAttachment(this, 'role-policy', {
      role: role.name,
      policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
    });
    return new ApiGatewayAccount(this, 'account', { cloudwatchRoleArn: role.arn, dependsOn: [attachment] });
  }
}

/** A CloudWatch metric and how its values of one period become one. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Sum`, `Maximum`, `Average`, or a percentile such as `p99`. */
  readonly statistic: string;
}

/** Namespace of the functions' own metrics. */
export const ownNamespace = 'PaymentWebhooks';

/** Namespace of what is counted from the log lines of one environment: such a metric cannot have a dimension that the line does not have. */
export function logNamespace(suffix: string): string {
  return `${ownNamespace}/${suffix}`;
}

/** Requests that API Gateway answered 429, counted from the access log: among its own metrics they are one of many 4XX. */
export function throttledRequests(suffix: string): Metric {
  return { namespace: logNamespace(suffix), name: 'ThrottledRequests', dimensions: {}, statistic: 'Sum' };
}

/** A metric that a function counts itself, which it does twice: with all its dimensions, and with none for the sum over them. */
export function ownMetric(
  functionName: string,
  name: string,
  dimensions: Readonly<Record<string, string>> = {},
  statistic = 'Sum',
): Metric {
  return { namespace: ownNamespace, name, dimensions: { service: functionName, ...dimensions }, statistic };
}

export function functionMetric(functionName: string, name: string, statistic = 'Sum'): Metric {
  return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName }, statistic };
}

/** Of the whole stage, or of one `route` of it, which API Gateway counts where detailed metrics are on. */
export function apiMetric(
  apiName: string,
  stage: string,
  name: string,
  statistic = 'Sum',
  route: { readonly Method?: string; readonly Resource?: string } = {},
): Metric {
  return { namespace: 'AWS/ApiGateway', name, dimensions: { ApiName: apiName, Stage: stage, ...route }, statistic };
}

export function queueMetric(queueName: string, name: string): Metric {
  return { namespace: 'AWS/SQS', name, dimensions: { QueueName: queueName }, statistic: 'Maximum' };
}

export function tableMetric(tableName: string, name: string, dimensions: Readonly<Record<string, string>> = {}, statistic = 'Sum'): Metric {
  return { namespace: 'AWS/DynamoDB', name, dimensions: { TableName: tableName, ...dimensions }, statistic };
}

/** EventBridge counts the rules of a bus other than the default one by both names, and those of the default one by theirs alone. */
export function ruleMetric(busName: string | undefined, ruleName: string, name: string): Metric {
  const dimensions = { ...(busName !== undefined && { EventBusName: busName }), RuleName: ruleName };
  return { namespace: 'AWS/Events', name, dimensions, statistic: 'Sum' };
}

export function topicMetric(topicName: string, name: string): Metric {
  return { namespace: 'AWS/SNS', name, dimensions: { TopicName: topicName }, statistic: 'Sum' };
}

/** `rule` is the metric name of a rule of the web ACL, or `ALL`. */
export function webAclMetric(webAclName: string, region: string, rule: string, name: string): Metric {
  return { namespace: 'AWS/WAFV2', name, dimensions: { WebACL: webAclName, Region: region, Rule: rule }, statistic: 'Sum' };
}

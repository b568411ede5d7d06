import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../scripts/local/json';
import { functionNameOf, pipelineFrom, type KnownResource } from '../../../scripts/local/pipeline';
import { Settings } from '../../../scripts/local/settings';

const queueArn = 'arn:aws:sqs:eu-west-1:1:work';
const streamArn = 'arn:aws:dynamodb:eu-west-1:1:table/t/stream/s';
const functionArn = 'arn:aws:lambda:eu-west-1:1:function:worker';

const resource = (type: string, values: JsonObject): KnownResource => ({ type, settings: new Settings(`stack: ${type}.it`, values) });
const queue = resource('aws_sqs_queue', { arn: queueArn, url: 'http://aws/work' });
const lambda = (values: JsonObject = {}): KnownResource =>
  resource('aws_lambda_function', {
    function_name: 'worker',
    arn: functionArn,
    filename: '/dist/worker.zip',
    handler: 'index.handler',
    runtime: 'nodejs22.x',
    ...values,
  });
const mapping = (values: JsonObject): KnownResource =>
  resource('aws_lambda_event_source_mapping', { function_name: functionArn, event_source_arn: queueArn, ...values });

function api(method: JsonObject = {}, integration: JsonObject = {}): readonly KnownResource[] {
  const common = { rest_api_id: 'api' };
  return [
    resource('aws_api_gateway_rest_api', { id: 'api', root_resource_id: 'root' }),
    resource('aws_api_gateway_resource', { ...common, id: 'w', parent_id: 'root', path_part: 'webhook' }),
    resource('aws_api_gateway_resource', { ...common, id: 'p', parent_id: 'w', path_part: '{provider}' }),
    resource('aws_api_gateway_method', { ...common, resource_id: 'p', http_method: 'POST', authorization: 'NONE', ...method }),
    resource('aws_api_gateway_integration', {
      ...common,
      resource_id: 'p',
      http_method: 'POST',
      type: 'AWS_PROXY',
      uri: `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
      ...integration,
    }),
    resource('aws_api_gateway_stage', { ...common, stage_name: 'prod' }),
  ];
}

describe('a rule that goes by the clock', () => {
  const rule = (values: JsonObject): KnownResource =>
    resource('aws_cloudwatch_event_rule', {
      name: 'often',
      arn: 'arn:aws:events:eu-west-1:1:rule/often',
      event_bus_name: 'default',
      ...values,
    });
  const target = resource('aws_cloudwatch_event_target', { rule: 'often', arn: functionArn, event_bus_name: 'default' });

  it.each([
    ['rate(15 minutes)', 900_000],
    ['rate(1 minute)', 60_000],
    ['rate(2 hours)', 7_200_000],
  ])('runs its function at %s', (schedule_expression, everyMs) => {
    const { scheduleTriggers } = pipelineFrom([lambda(), rule({ schedule_expression }), target]);
    expect(scheduleTriggers).toEqual([{ functionName: 'worker', ruleArn: 'arn:aws:events:eu-west-1:1:rule/often', everyMs }]);
  });

  it('runs nothing while it is disabled, and a rule with a pattern runs nothing by the clock', () => {
    expect(pipelineFrom([rule({ schedule_expression: 'rate(1 minute)', state: 'DISABLED' }), target]).scheduleTriggers).toEqual([]);
    expect(pipelineFrom([rule({ event_pattern: '{}' }), target]).scheduleTriggers).toEqual([]);
  });

  it('is refused where it goes by a calendar', () => {
    expect(() => pipelineFrom([rule({ schedule_expression: 'cron(0 8 * * ? *)' }), target])).toThrow('the local run has no cron');
  });
});

describe('pipelineFrom', () => {
  it('reads a function with the defaults of Lambda', () => {
    expect(pipelineFrom([lambda()]).functions).toEqual([
      {
        name: 'worker',
        arn: functionArn,
        zipPath: '/dist/worker.zip',
        handler: 'index.handler',
        timeoutSeconds: 3,
        memoryMb: 128,
        environment: { AWS_LAMBDA_LOG_FORMAT: 'Text' },
        reservedConcurrency: undefined,
      },
    ]);
  });

  it.each([
    ['as cdktf writes it', { variables: { A: '1' } }],
    ['as a Terraform state has it', [{ variables: { A: '1' } }]],
  ])('reads a block %s', (_what, environment) => {
    const settings = {
      environment,
      reserved_concurrent_executions: -1,
      logging_config: [{ log_format: 'JSON', application_log_level: 'INFO' }],
    };
    const [read] = pipelineFrom([lambda(settings)]).functions;
    expect(read?.environment).toEqual({ AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: 'INFO', A: '1' });
    expect(read?.reservedConcurrency).toBeUndefined();
  });

  it('reads a queue mapping', () => {
    const values = { batch_size: 5, function_response_types: ['ReportBatchItemFailures'], scaling_config: [{ maximum_concurrency: 4 }] };
    expect(pipelineFrom([queue, lambda(), mapping(values)]).queueTriggers).toEqual([
      {
        functionName: 'worker',
        queueArn,
        queueUrl: 'http://aws/work',
        batchSize: 5,
        windowSeconds: 0,
        reportsItemFailures: true,
        maximumConcurrency: 4,
        filters: [],
      },
    ]);
  });

  it('reads a stream mapping with its filters and its failure destination', () => {
    const values = {
      event_source_arn: streamArn,
      starting_position: 'TRIM_HORIZON',
      maximum_retry_attempts: 3,
      bisect_batch_on_function_error: true,
      parallelization_factor: 2,
      filter_criteria: { filter: [{ pattern: '{"eventName":["INSERT"]}' }] },
      destination_config: { on_failure: { destination_arn: queueArn } },
    };
    expect(pipelineFrom([queue, lambda(), mapping(values)]).streamTriggers).toEqual([
      {
        functionName: 'worker',
        functionArn,
        streamArn,
        batchSize: 100,
        windowSeconds: 0,
        reportsItemFailures: false,
        startingPosition: 'TRIM_HORIZON',
        parallelizationFactor: 2,
        maximumRetries: 3,
        maximumAgeSeconds: -1,
        bisects: true,
        filters: [{ eventName: ['INSERT'] }],
        onFailureQueueUrl: 'http://aws/work',
      },
    ]);
  });

  it('leaves out a mapping that is switched off', () => {
    const { queueTriggers, streamTriggers } = pipelineFrom([queue, lambda(), mapping({ enabled: false })]);
    expect([...queueTriggers, ...streamTriggers]).toEqual([]);
  });

  it('joins the parts of a path', () => {
    expect(pipelineFrom([lambda(), ...api()]).apis[0]?.routes).toEqual([
      { httpMethod: 'POST', resourcePath: '/webhook/{provider}', resourceId: 'p', functionName: 'worker', timeoutMs: 29_000 },
    ]);
  });

  it.each<[string, readonly KnownResource[], RegExp]>([
    ['an image', [lambda({ package_type: 'Image' })], /package_type is Image/],
    ['another runtime', [lambda({ runtime: 'python3.13' })], /runtime is not Node\.js/],
    [
      'an unknown part of a block',
      [lambda({ environment: { variables: {}, secrets: { a: 'b' } } })],
      /environment: secrets is not understood/,
    ],
    ['a queue of somebody else', [lambda(), mapping({})], /event_source_arn is no queue of these stacks/],
    [
      'a stream of another kind',
      [lambda(), mapping({ event_source_arn: 'arn:aws:kinesis:eu-west-1:1:stream/s' })],
      /neither a queue nor a table stream/,
    ],
    ['an unknown response type', [queue, lambda(), mapping({ function_response_types: ['Other'] })], /unknown type Other/],
    ['provisioned pollers', [queue, lambda(), mapping({ scaling_config: { minimum: 2 } })], /scaling_config: minimum is not understood/],
    ['an authorizer', [lambda(), ...api({ authorization: 'AWS_IAM' })], /authorization is not NONE/],
    ['a mock integration', [lambda(), ...api({}, { type: 'MOCK' })], /type is not AWS_PROXY/],
    ['a route without integration', [lambda(), ...api({ http_method: 'GET' })], /http_method has no integration/],
  ])('refuses %s', (_what, resources, message) => {
    expect(() => pipelineFrom(resources)).toThrow(message);
  });
});

describe('functionNameOf', () => {
  it.each([
    ['worker', 'worker'],
    [functionArn, 'worker'],
    [`${functionArn}:live`, 'worker'],
    [`arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`, 'worker'],
  ])('finds the name in %s', (text, name) => {
    expect(functionNameOf(text)).toBe(name);
  });
});

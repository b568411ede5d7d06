import type { Place, Provisioner } from '../provisioning';

const permission = 'permissions are not enforced on a laptop';
const network = 'every function reaches the endpoint over loopback';
const rollout = 'a laptop runs the one version that was built';

/** Functions and their triggers run in this process: nothing is made, the settings are read by the Lambda host. */
export function functionProvisioners(apiUrl: string): Readonly<Record<string, Provisioner>> {
  return {
    aws_lambda_function: {
      uses: [
        'function_name',
        'filename',
        'handler',
        'runtime',
        'timeout',
        'memory_size',
        'environment',
        'logging_config',
        'reserved_concurrent_executions',
        'package_type',
      ],
      ignores: {
        role: permission,
        kms_key_arn: 'nothing is encrypted at rest on a laptop',
        vpc_config: network,
        tracing_config: 'there is no tracing on a laptop',
        architectures: 'the code is JavaScript',
        source_code_hash: rollout,
        publish: rollout,
        description: 'it is for people',
        dead_letter_config: 'the local run shows a run that failed, and keeps no dead letter of it',
        ephemeral_storage: 'the temporary folder is the laptop’s own',
        skip_destroy: rollout,
      },
      provision: (settings, place) => Promise.resolve(functionAttributes(settings.text('function_name'), place)),
    },
    aws_lambda_alias: {
      uses: ['name', 'function_name'],
      ignores: { function_version: rollout, description: 'it is for people', routing_config: rollout },
      provision(settings, place) {
        const name = settings.text('function_name').replace(/^arn:.*:function:/, '');
        const arn = `${functionAttributes(name, place).arn}:${settings.text('name')}`;
        return Promise.resolve({ id: arn, arn, invoke_arn: invokeArn(arn, place) });
      },
    },
    aws_lambda_event_source_mapping: {
      uses: [
        'event_source_arn',
        'function_name',
        'enabled',
        'batch_size',
        'maximum_batching_window_in_seconds',
        'function_response_types',
        'scaling_config',
        'filter_criteria',
        'starting_position',
        'parallelization_factor',
        'maximum_retry_attempts',
        'maximum_record_age_in_seconds',
        'bisect_batch_on_function_error',
        'destination_config',
      ],
      ignores: { kms_key_arn: 'nothing is encrypted at rest on a laptop', metrics_config: 'there is no monitoring on a laptop' },
      provision: (settings) =>
        Promise.resolve({ id: `${settings.text('event_source_arn')}|${settings.text('function_name')}`, uuid: settings.where }),
    },
    aws_lambda_function_url: {
      uses: ['function_name', 'authorization_type', 'qualifier', 'invoke_mode'],
      ignores: { cors: 'no browser calls it' },
      provision: (settings, place) => {
        const name = settings.text('function_name').replace(/^arn:.*:function:/, '');
        const function_url = `${apiUrl}${functionUrlPath(name)}`;
        return Promise.resolve({ id: name, function_arn: functionAttributes(name, place).arn, function_url });
      },
    },
  };
}

/** Where a function's own URL is served; on AWS it has a host of its own. */
export function functionUrlPath(functionName: string): string {
  return `/function-url/${functionName}/`;
}

function functionAttributes(name: string, place: Place) {
  const arn = `arn:aws:lambda:${place.region}:${place.accountId}:function:${name}`;
  return { id: name, arn, invoke_arn: invokeArn(arn, place), qualified_arn: `${arn}:$LATEST`, version: '$LATEST' };
}

function invokeArn(functionArn: string, { region }: Place): string {
  return `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
}

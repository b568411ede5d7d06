import { createHash } from 'node:crypto';
import type { Provisioner } from '../provisioning';
import type { Settings } from '../settings';

/** The API's routes are served by this process: nothing is made, ids are computed, URLs lead to loopback. */
export function apiProvisioners(apiUrl: string): Readonly<Record<string, Provisioner>> {
  return {
    aws_api_gateway_rest_api: {
      uses: ['name', 'binary_media_types', 'minimum_compression_size', 'disable_execute_api_endpoint'],
      ignores: {
        description: 'it is for people',
        endpoint_configuration: 'the API is on loopback',
        policy: 'permissions are not enforced on a laptop',
        put_rest_api_mode: 'nothing is replaced on a laptop',
      },
      provision(settings, { region, accountId }) {
        const id = idOf(settings);
        return Promise.resolve({
          id,
          arn: `arn:aws:apigateway:${region}::/restapis/${id}`,
          root_resource_id: `${id}root`,
          execution_arn: `arn:aws:execute-api:${region}:${accountId}:${id}`,
        });
      },
    },
    aws_api_gateway_resource: made(['rest_api_id', 'parent_id', 'path_part']),
    aws_api_gateway_method: made(
      ['rest_api_id', 'resource_id', 'http_method', 'authorization', 'api_key_required', 'request_validator_id'],
      {
        request_parameters: 'they only declare what the method may read',
        operation_name: 'it is for generated clients',
      },
    ),
    aws_api_gateway_integration: made(
      ['rest_api_id', 'resource_id', 'http_method', 'type', 'uri', 'integration_http_method', 'timeout_milliseconds', 'content_handling'],
      { passthrough_behavior: 'a proxy integration passes everything through', credentials: 'permissions are not enforced on a laptop' },
    ),
    aws_api_gateway_gateway_response: made(['rest_api_id', 'response_type', 'status_code', 'response_templates', 'response_parameters']),
    aws_api_gateway_deployment: made(['rest_api_id'], { triggers: 'a laptop deploys once', description: 'it is for people' }),
    aws_api_gateway_stage: {
      uses: ['rest_api_id', 'stage_name', 'variables'],
      ignores: {
        deployment_id: 'a laptop deploys once',
        access_log_settings: 'requests are shown on the console',
        xray_tracing_enabled: 'there is no tracing on a laptop',
        description: 'it is for people',
        client_certificate_id: 'no backend is called over HTTP',
      },
      provision(settings, { region, accountId }) {
        const api = settings.text('rest_api_id');
        const stage = settings.text('stage_name');
        return Promise.resolve({
          id: `ags-${api}-${stage}`,
          arn: `arn:aws:apigateway:${region}::/restapis/${api}/stages/${stage}`,
          invoke_url: `${apiUrl}/${stage}`,
          execution_arn: `arn:aws:execute-api:${region}:${accountId}:${api}/${stage}`,
        });
      },
    },
    aws_api_gateway_method_settings: made(['rest_api_id', 'stage_name', 'method_path', 'settings']),
  };
}

function made(uses: readonly string[], ignores: Readonly<Record<string, string>> = {}): Provisioner {
  return { uses, ignores, provision: (settings) => Promise.resolve({ id: idOf(settings) }) };
}

/** Ten characters like API Gateway's, the same for the same resource. */
function idOf(settings: Settings): string {
  return BigInt(`0x${createHash('sha256').update(settings.where).digest('hex').slice(0, 13)}`)
    .toString(36)
    .padStart(10, '0')
    .slice(0, 10);
}

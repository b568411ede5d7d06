import type { JsonObject } from '../json';
import type { Place, WithoutBehaviour } from '../provisioning';
import type { Settings } from '../settings';

type Attributes = (settings: Settings, place: Place, id: string) => JsonObject;

const permissions = 'permissions are not enforced on a laptop; the Terraform suite and the policy tests prove them';
const network = 'everything runs on loopback';
const monitoring = 'there is no monitoring on a laptop';
const encryption = 'nothing is encrypted at rest on a laptop';
const retention = 'a laptop keeps its data only as long as the run';

/** Every resource type that the local run passes over, and why that changes nothing that a handler could tell. */
export const withoutBehaviour: Readonly<Record<string, WithoutBehaviour>> = {
  ...types(permissions, ['aws_iam_role', 'aws_iam_policy'], ['name'], (settings, { accountId }, id) => {
    const name = settings.optionalText('name') ?? id;
    return { id: name, name, arn: `arn:aws:iam::${accountId}:role/${name}` };
  }),
  ...types(permissions, [
    'aws_iam_role_policy',
    'aws_iam_role_policy_attachment',
    'aws_lambda_permission',
    'aws_sqs_queue_policy',
    'aws_sns_topic_policy',
    'aws_cloudwatch_event_bus_policy',
    'aws_cloudwatch_log_resource_policy',
    'aws_s3_bucket_policy',
    'aws_s3_bucket_public_access_block',
    'aws_s3_bucket_ownership_controls',
    'aws_secretsmanager_secret_policy',
    'aws_api_gateway_rest_api_policy',
    'aws_api_gateway_account',
    'aws_cloudformation_stack',
  ]),
  ...types(encryption, ['aws_kms_key'], [], (_settings, { accountId, region }, id) => ({
    id,
    key_id: id,
    arn: `arn:aws:kms:${region}:${accountId}:key/${id}`,
  })),
  ...types(encryption, ['aws_kms_alias'], ['name'], (settings, { accountId, region }, id) => {
    const name = settings.optionalText('name') ?? `alias/${id}`;
    return { id: name, name, arn: `arn:aws:kms:${region}:${accountId}:${name}` };
  }),
  ...types(encryption, ['aws_kms_key_policy', 'aws_s3_bucket_server_side_encryption_configuration']),
  ...types(retention, ['aws_s3_bucket_lifecycle_configuration', 'aws_s3_bucket_logging', 'aws_cloudwatch_event_archive']),
  ...types(monitoring, [
    'aws_cloudwatch_metric_alarm',
    'aws_cloudwatch_composite_alarm',
    'aws_cloudwatch_dashboard',
    'aws_cloudwatch_log_metric_filter',
    'aws_cloudwatch_query_definition',
    'aws_xray_sampling_rule',
    'aws_xray_group',
  ]),
  ...types('the local run shows a run that failed, and keeps no dead letter of it', ['aws_lambda_function_event_invoke_config']),
  ...types(network, [
    'aws_vpc',
    'aws_subnet',
    'aws_internet_gateway',
    'aws_nat_gateway',
    'aws_eip',
    'aws_route',
    'aws_route_table',
    'aws_route_table_association',
    'aws_security_group',
    'aws_default_security_group',
    'aws_vpc_security_group_egress_rule',
    'aws_vpc_security_group_ingress_rule',
    'aws_vpc_endpoint',
    'aws_flow_log',
    'aws_wafv2_ip_set',
    'aws_wafv2_web_acl',
    'aws_wafv2_web_acl_association',
    'aws_wafv2_web_acl_logging_configuration',
    'aws_api_gateway_domain_name',
    'aws_api_gateway_base_path_mapping',
    'aws_acm_certificate',
    'aws_acm_certificate_validation',
    'aws_route53_record',
  ]),
};

function types(
  why: string,
  names: readonly string[],
  uses: readonly string[] = [],
  attributes: Attributes = (_settings, _place, id) => ({ id }),
): Readonly<Record<string, WithoutBehaviour>> {
  return Object.fromEntries(names.map((name) => [name, { why, uses, attributes }]));
}

import * as v from 'valibot';
import { at, entries, json, type Resource } from '../synthesized';
import { each, ofType, referred, resource, type Finding, type Rule } from './rule';

const webAclRule = v.looseObject({ name: v.string(), priority: v.number(), statement: v.unknown(), action: v.optional(v.unknown()) });
type WebAclRule = v.InferOutput<typeof webAclRule>;

function rulesOf(webAcl: Resource['properties']): readonly WebAclRule[] {
  return v.parse(v.array(webAclRule), webAcl['rule']).toSorted((a, b) => a.priority - b.priority);
}

/** Rules of AWS that look into bodies, by group: blocked at 8 KB or for what somebody wrote, a webhook leaves no trace in the application. */
const bodyRules: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesCommonRuleSet: [
    'SizeRestrictions_BODY',
    'EC2MetaDataSSRF_BODY',
    'GenericLFI_BODY',
    'GenericRFI_BODY',
    'CrossSiteScripting_BODY',
    'NoUserAgent_HEADER',
  ],
  AWSManagedRulesKnownBadInputsRuleSet: ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'],
};

function blockingBodyRules(webAcl: Resource['properties']): readonly string[] {
  return rulesOf(webAcl).flatMap(({ statement }) => {
    const group = at(statement, 'managed_rule_group_statement');
    const counted = entries(at(group, 'rule_action_override'))
      .filter(([, override]) => at(override, 'action_to_use', 'count') !== undefined)
      .map(([, override]) => at(override, 'name'));
    return (bodyRules[String(at(group, 'name'))] ?? []).filter((name) => !counted.includes(name));
  });
}

function keysOf(value: unknown): readonly string[] {
  return entries(value).flatMap(([key, inner]) => [...(Array.isArray(value) ? [] : [key]), ...keysOf(inner)]);
}

function trustedComeFirst(webAcl: Resource['properties']): boolean {
  const allows = rulesOf(webAcl).map(({ action }) => at(action, 'allow') !== undefined);
  return allows.lastIndexOf(true) < allows.indexOf(false);
}

/** An allow rule without a path would let an address do anything to the health check and to other providers' paths. */
function trustedOnTheirPathOnly(webAcl: Resource['properties']): boolean {
  return rulesOf(webAcl)
    .filter(({ action }) => at(action, 'allow') !== undefined)
    .every(({ statement }) => /"search_string":"\/webhook\/[a-z]+"/.test(JSON.stringify(at(statement, 'and_statement'))));
}

function webAclWith(...rules: readonly Readonly<Record<string, unknown>>[]) {
  return resource('aws_wafv2_web_acl', 'bad/web-acl', {
    rule: rules.map((rule, priority) => ({ name: `rule-${priority}`, priority, ...rule })),
  });
}

const redactedHeaders = [
  'stripe-signature',
  'paypal-transmission-sig',
  'x-square-hmacsha256-signature',
  'x-webhook-signature',
  'webhook-signature',
  'authorization',
];

function withoutPartner(type: string, partner: string, property: string, why: string) {
  return (resources: readonly Resource[]): readonly Finding[] => {
    const covered = ofType(resources, partner).map(({ properties }) => referred(resources, properties[property])?.address);
    return ofType(resources, type)
      .filter(({ address }) => !covered.includes(address))
      .map(({ path }) => ({ place: path, why }));
  };
}

/** What EventBridge can match on: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
const patternLimits = { characters: 2048, combinations: 1000, number: 5e9 };

function combinations(pattern: unknown): number {
  if (Array.isArray(pattern)) return 1;
  return entries(pattern).reduce((product, [key, inner]) => {
    const alternatives = key === '$or' ? entries(inner).reduce((sum, [, branch]) => sum + combinations(branch), 0) : combinations(inner);
    return product * Math.max(1, alternatives);
  }, 1);
}

function numbersIn(value: unknown): readonly number[] {
  return typeof value === 'number' ? [value] : entries(value).flatMap(([, inner]) => numbersIn(inner));
}

function isWithinPatternLimits({ event_pattern: text }: Resource['properties']): boolean {
  // A rule that goes by the clock has none.
  if (typeof text !== 'string') return text === undefined;
  const pattern = json(text);
  return (
    text.length <= patternLimits.characters &&
    combinations(pattern) <= patternLimits.combinations &&
    numbersIn(pattern).every((number) => Math.abs(number) <= patternLimits.number)
  );
}

const ownAnswers = ['DEFAULT_4XX', 'DEFAULT_5XX'];

/** Its body for an id of one character: it has to be JSON, whatever API Gateway puts in. */
function bodyOf(response: Resource): unknown {
  const template = String(at(response.properties, 'response_templates', 'application/json'));
  const body = template.replace('$context.error.messageString', '"x"').replaceAll('$context.requestId', 'x');
  try {
    return json(body);
  } catch {
    return undefined;
  }
}

function answersWithoutId(resources: readonly Resource[]): readonly Finding[] {
  const responses = ofType(resources, 'aws_api_gateway_gateway_response');
  return [
    ...responses.filter((response) => at(bodyOf(response), 'requestId') !== 'x').map(({ path }) => ({ place: path, why: 'no requestId' })),
    ...ofType(resources, 'aws_api_gateway_rest_api').flatMap(({ path, address }) =>
      ownAnswers
        .filter(
          (type) =>
            !responses.some(({ properties }) => properties['response_type'] === type && properties['rest_api_id'] === `\${${address}.id}`),
        )
        .map((type) => ({ place: path, why: `no answer for ${type}` })),
    ),
  ];
}

export const edgeRules: readonly Rule[] = [
  {
    id: 'api-answers',
    what: 'what API Gateway answers itself is JSON with the id of the request',
    check: answersWithoutId,
    bad: [
      [resource('aws_api_gateway_rest_api', 'bad/api', {})],
      [resource('aws_api_gateway_gateway_response', 'bad/answer', { response_templates: { 'application/json': '{"error":"no"}' } })],
      [
        resource('aws_api_gateway_gateway_response', 'bad/answer', {
          response_templates: { 'application/json': '{"requestId":$context.requestId}' },
        }),
      ],
    ],
  },
  {
    id: 'waf-body-rules',
    what: 'no rule of AWS stops a webhook for its body or a missing user agent',
    check: each(
      'aws_wafv2_web_acl',
      (webAcl) => blockingBodyRules(webAcl).length === 0,
      'a genuine webhook may be blocked without a trace',
    ),
    bad: Object.keys(bodyRules).map((name) => [
      webAclWith({
        statement: {
          managed_rule_group_statement: { name, rule_action_override: [{ name: 'SizeRestrictions_BODY', action_to_use: { count: {} } }] },
        },
      }),
    ]),
  },
  {
    id: 'waf-order',
    what: 'trusted senders are let through before any rule that could stop them',
    check: each('aws_wafv2_web_acl', trustedComeFirst, 'a trusted sender may be stopped before it is let through'),
    bad: [[webAclWith({ statement: {}, action: { block: {} } }, { statement: {}, action: { allow: {} } })]],
  },
  {
    id: 'waf-trust',
    what: "a trusted sender is trusted on its own provider's path only",
    check: each('aws_wafv2_web_acl', trustedOnTheirPathOnly, 'trusted everywhere'),
    bad: [[webAclWith({ statement: { ip_set_reference_statement: { arn: 'x' } }, action: { allow: {} } })]],
  },
  {
    id: 'waf-statements',
    what: 'statements of a web ACL are in snake case, which nothing but terraform validate would notice',
    check: each(
      'aws_wafv2_web_acl',
      (webAcl) => rulesOf(webAcl).every(({ statement }) => keysOf(statement).every((key) => !/[A-Z]/.test(key))),
      'Terraform knows no such block',
    ),
    bad: [[webAclWith({ statement: { rateBasedStatement: { limit: 600 } } })]],
  },
  {
    id: 'waf-refusal',
    what: 'what the web ACL refuses for rate is answered 429, so that a provider comes back',
    check: each(
      'aws_wafv2_web_acl',
      (webAcl) =>
        rulesOf(webAcl)
          .filter(({ statement }) => at(statement, 'rate_based_statement') !== undefined)
          .every(({ action }) => at(action, 'block', 'custom_response', 'response_code') === 429),
      'answered 403, which reads as final',
    ),
    bad: [[webAclWith({ statement: { rate_based_statement: { limit: 600 } }, action: { block: {} } })]],
  },
  {
    id: 'waf-in-front',
    what: 'a web ACL is in front of every stage',
    knownAs: ['CKV2_AWS_29', 'APIGateway.4'],
    check: withoutPartner('aws_api_gateway_stage', 'aws_wafv2_web_acl_association', 'resource_arn', 'no web ACL in front of it'),
    bad: [[resource('aws_api_gateway_stage', 'bad/stage', {})]],
  },
  {
    id: 'waf-logged',
    what: 'every web ACL is logged',
    knownAs: ['CKV2_AWS_31', 'WAF.11'],
    check: withoutPartner('aws_wafv2_web_acl', 'aws_wafv2_web_acl_logging_configuration', 'resource_arn', 'blocks would leave no trace'),
    bad: [[webAclWith()]],
  },
  {
    id: 'waf-redaction',
    what: 'no log of a web ACL holds a signature',
    check: each(
      'aws_wafv2_web_acl_logging_configuration',
      (logging) => {
        const hidden = entries(logging['redacted_fields']).map(([, field]) => at(field, 'single_header', 'name'));
        return redactedHeaders.every((name) => hidden.includes(name));
      },
      'signatures are logged',
    ),
    bad: [
      [
        resource('aws_wafv2_web_acl_logging_configuration', 'bad/logging', {
          redacted_fields: [{ single_header: { name: 'authorization' } }],
        }),
      ],
    ],
  },
  {
    id: 'closed-groups',
    what: 'no security group lets anybody in from outside the network',
    knownAs: ['CKV_AWS_24', 'CKV_AWS_25', 'CKV_AWS_260', 'CKV_AWS_277', 'EC2.18', 'EC2.19'],
    check: (resources) => [
      ...each(
        'aws_vpc_security_group_ingress_rule',
        (rule) => rule['cidr_ipv4'] === undefined && rule['cidr_ipv6'] === undefined,
        'lets in a range of addresses',
      )(resources),
      ...each(
        'aws_security_group',
        (group) => group['ingress'] === undefined && group['egress'] === undefined,
        'has inline rules',
      )(resources),
    ],
    bad: [
      [resource('aws_vpc_security_group_ingress_rule', 'bad/rule', { cidr_ipv4: '0.0.0.0/0' })],
      [resource('aws_security_group', 'bad/group', { ingress: [{ cidr_blocks: ['0.0.0.0/0'] }] })],
    ],
  },
  {
    id: 'https-out',
    what: 'what leaves the network goes to port 443',
    knownAs: ['CKV_AWS_382'],
    check: each(
      'aws_vpc_security_group_egress_rule',
      (rule) => rule['ip_protocol'] === 'tcp' && rule['from_port'] === 443 && rule['to_port'] === 443,
      'lets anything out',
    ),
    bad: [[resource('aws_vpc_security_group_egress_rule', 'bad/rule', { ip_protocol: '-1', cidr_ipv4: '0.0.0.0/0' })]],
  },
  {
    id: 'default-group-closed',
    what: 'the default security group of every network is closed',
    knownAs: ['CKV2_AWS_12', 'EC2.2'],
    check: (resources) => [
      ...withoutPartner('aws_vpc', 'aws_default_security_group', 'vpc_id', 'its default security group is open')(resources),
      ...each(
        'aws_default_security_group',
        (group) => group['ingress'] === undefined && group['egress'] === undefined,
        'has rules',
      )(resources),
    ],
    bad: [
      [resource('aws_vpc', 'bad/vpc', {})],
      [
        resource('aws_vpc', 'bad/vpc', {}),
        resource('aws_default_security_group', 'bad/group', { vpc_id: '${aws_vpc.bad_vpc.id}', egress: [{ from_port: 0 }] }),
      ],
    ],
  },
  {
    id: 'no-public-addresses',
    what: 'nothing that is started in a subnet gets a public address by itself',
    knownAs: ['CKV_AWS_130', 'EC2.15'],
    check: each('aws_subnet', (subnet) => subnet['map_public_ip_on_launch'] !== true, 'gives public addresses'),
    bad: [[resource('aws_subnet', 'bad/subnet', { map_public_ip_on_launch: true })]],
  },
  {
    id: 'flow-logs',
    what: 'connections are logged',
    knownAs: ['CKV2_AWS_11', 'EC2.6'],
    where: ['staging', 'prod'],
    check: withoutPartner('aws_vpc', 'aws_flow_log', 'vpc_id', 'its connections are not logged'),
    bad: [[resource('aws_vpc', 'bad/vpc', {})]],
  },
  {
    id: 'pattern-limits',
    what: 'event patterns stay within what EventBridge matches: size, combinations, and numbers below five thousand million',
    check: each('aws_cloudwatch_event_rule', isWithinPatternLimits, 'refused, or silently never matched'),
    bad: [
      [resource('aws_cloudwatch_event_rule', 'bad/rule', { event_pattern: '{"detail":{"amountMinor":[{"numeric":[">",6000000000]}]}}' })],
      [resource('aws_cloudwatch_event_rule', 'bad/rule', { event_pattern: JSON.stringify({ detail: { kind: ['x'.repeat(2048)] } }) })],
      [resource('aws_cloudwatch_event_rule', 'bad/rule', { event_pattern: JSON.stringify(manyCombinations()) })],
    ],
  },
];

function manyCombinations() {
  const tenWays = { $or: Array.from({ length: 11 }, (_, number) => ({ kind: [`kind-${number}`] })) };
  return { detail: { a: tenWays, b: tenWays, c: tenWays } };
}

import type { Wafv2WebAclRule, Wafv2WebAclRuleActionBlockCustomResponse } from '@cdktf/provider-aws/lib/wafv2-web-acl';

/** A rule without its place in the order. */
type Rule = Omit<Wafv2WebAclRule, 'priority'>;

/** A WAF statement. cdktf passes it to Terraform as it is, so its keys are Terraform's, in snake case; only `terraform validate` checks them. */
type Statement = Readonly<Record<string, unknown>>;

/** Rules that judge a body, or a missing user agent. A webhook is JSON that quotes what people typed, so these would stop genuine ones. */
export const countedBodyRules = {
  common: [
    'SizeRestrictions_BODY',
    'CrossSiteScripting_BODY',
    'GenericRFI_BODY',
    'GenericLFI_BODY',
    'EC2MetaDataSSRF_BODY',
    'NoUserAgent_HEADER',
  ],
  knownBadInputs: ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'],
} as const;

const asSent = [{ priority: 0, type: 'NONE' }];
const contentLength = { single_header: { name: 'content-length' } };

/** Lets the addresses of an IP set through on their own provider's path, past every other rule. */
export function trustedSender(name: string, provider: string, ipSetArn: string): Rule {
  // The path begins with the stage, or with the base path of a custom domain.
  const path = {
    search_string: `/webhook/${provider}`,
    positional_constraint: 'ENDS_WITH',
    field_to_match: { uri_path: {} },
    text_transformation: asSent,
  };
  const statement = all({ ip_set_reference_statement: { arn: ipSetArn } }, { byte_match_statement: path });
  return { name: `trusted-${name}`, action: { allow: {} }, statement, visibilityConfig: withMetrics(`trusted-${name}`) };
}

/**
 * Refuses bodies whose announced length is over the limit. WAF sees only the first 16 KB of a body on API Gateway,
 * so it can compare a larger limit with the header alone.
 */
export function sizeLimit(maxBodyBytes: number): Rule {
  const statement = {
    regex_match_statement: { regex_string: integersAbove(maxBodyBytes), field_to_match: contentLength, text_transformation: asSent },
  };
  return refusal('body-too-large', statement, { responseCode: 413, customResponseBodyKey: 'too-large' });
}

/** Refuses bodies of more than the 16 KB that WAF sees, when no length was announced: nothing else would limit them here. */
export function unknownLength(): Rule {
  const announced = {
    size_constraint_statement: { comparison_operator: 'GT', size: 0, field_to_match: contentLength, text_transformation: asSent },
  };
  const beyondSight = {
    size_constraint_statement: {
      comparison_operator: 'GT',
      size: 16_384,
      field_to_match: { body: { oversize_handling: 'MATCH' } },
      text_transformation: asSent,
    },
  };
  const statement = all({ not_statement: { statement: [announced] } }, beyondSight);
  return refusal('body-of-unknown-length', statement, { responseCode: 411, customResponseBodyKey: 'length-required' });
}

/** Slows an address down. 429 and not 403, so that a provider on an address we do not know comes back. */
export function rateLimit(requestsPerMinute: number): Rule {
  const statement = { rate_based_statement: { limit: requestsPerMinute, evaluation_window_sec: 60, aggregate_key_type: 'IP' } };
  const responseHeader = [{ name: 'Retry-After', value: '60' }];
  return refusal('rate-limit', statement, { responseCode: 429, customResponseBodyKey: 'too-many', responseHeader });
}

/** A rule group that AWS maintains, with some of its rules only counting. */
export function managedGroup(name: string, group: string, counted: readonly string[]): Rule {
  const rule_action_override = counted.map((rule) => ({ name: rule, action_to_use: { count: {} } }));
  const statement = { managed_rule_group_statement: { vendor_name: 'AWS', name: group, rule_action_override } };
  return { name, overrideAction: { none: {} }, statement, visibilityConfig: withMetrics(name) };
}

/** Metrics, but no samples: those would show whole headers to whoever may read the console. */
export function withMetrics(metricName: string) {
  return { metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: false };
}

/** A regular expression for the decimal integers above `limit`. */
export function integersAbove(limit: number): string {
  const digits = Array.from(String(limit), Number);
  const sameLength = digits.flatMap((digit, index) => {
    if (digit === 9) return [];
    const rest = digits.length - index - 1;
    return [`${digits.slice(0, index).join('')}[${digit + 1}-9]${rest > 0 ? `[0-9]{${rest}}` : ''}`];
  });
  return `^0*(${[`[1-9][0-9]{${digits.length},}`, ...sameLength].join('|')})$`;
}

function all(...statement: readonly Statement[]): Statement {
  return { and_statement: { statement } };
}

function refusal(name: string, statement: Statement, customResponse: Wafv2WebAclRuleActionBlockCustomResponse): Rule {
  return { name, action: { block: { customResponse } }, statement, visibilityConfig: withMetrics(name) };
}

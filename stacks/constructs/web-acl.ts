import { Wafv2IpSet } from '@cdktf/provider-aws/lib/wafv2-ip-set';
import { Wafv2WebAcl, type Wafv2WebAclRule } from '@cdktf/provider-aws/lib/wafv2-web-acl';
import { Wafv2WebAclAssociation } from '@cdktf/provider-aws/lib/wafv2-web-acl-association';
import { Wafv2WebAclLoggingConfiguration } from '@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration';
import { Construct } from 'constructs';
import type { TrustedRange } from '../trusted-ranges';
import { EncryptedLogGroup, type EncryptedLogGroupProps } from './encrypted-log-group';
import { countedBodyRules, managedGroup, rateLimit, sizeLimit, trustedSender, unknownLength, withMetrics } from './web-acl-rules';

export interface WebAclProps {
  /** Name of the web ACL, and of its metrics. */
  readonly name: string;
  /** ARN of the API stage in front of which it stands. */
  readonly stageArn: string;
  /** Senders that no rule may stop on their own path, by construct id: the receiver checks their signatures and limits their bodies. */
  readonly trustedRanges: Readonly<Record<string, TrustedRange>>;
  /** Requests that one other address may send in 60 seconds; at least 10. What is over it is answered 429. */
  readonly requestsPerMinute: number;
  /** Largest body that is let through from other addresses, in bytes. What is over it is answered 413. */
  readonly maxBodyBytes: number;
  /** Takes what was blocked or counted. AWS WAF takes only names that begin with `aws-waf-logs-`. */
  readonly logGroup: EncryptedLogGroupProps;
}

/** Headers that carry a signature or a credential, and so are kept out of the log. */
const redactedHeaders = [
  'authorization',
  'paypal-transmission-sig',
  'stripe-signature',
  'webhook-signature',
  'x-square-hmacsha256-signature',
  'x-square-signature',
  'x-webhook-signature',
];

/**
 * The web ACL in front of the API. In order: trusted senders are let through, bodies that are too large and addresses that send too much
 * are refused with an answer that makes a provider retry, and AWS's managed rules look at the rest without stopping a webhook for its body.
 */
export class WebAcl extends Construct {
  /** For metrics: value of the dimension `WebACL`. */
  readonly name: string;

  constructor(scope: Construct, id: string, props: WebAclProps) {
    super(scope, id);
    const acl = new Wafv2WebAcl(this, 'web-acl', {
      name: props.name,
      description: 'Lets webhooks through, slows down everybody else',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      customResponseBody: [
        { key: 'too-large', contentType: 'APPLICATION_JSON', content: JSON.stringify({ error: 'Body too large' }) },
        { key: 'length-required', contentType: 'APPLICATION_JSON', content: JSON.stringify({ error: 'Content-Length required' }) },
        { key: 'too-many', contentType: 'APPLICATION_JSON', content: JSON.stringify({ error: 'Too many requests' }) },
      ],
      rule: this.rules(props),
      visibilityConfig: withMetrics(props.name),
    });
    this.name = props.name;
    new Wafv2WebAclAssociation(this, 'association', { resourceArn: props.stageArn, webAclArn: acl.arn });
    this.log(acl.arn, props);
  }

  private rules(props: WebAclProps): Wafv2WebAclRule[] {
    // An allow ends the evaluation. A trusted sender's oversized body so reaches the receiver, whose 413 is logged and counted by provider;
    // refused here, it would be lost without a trace in the application.
    const trusted = Object.entries(props.trustedRanges).map(([name, range]) =>
      trustedSender(name, range.provider, this.ipSet(name, range, props)),
    );
    const others = [
      sizeLimit(props.maxBodyBytes),
      unknownLength(),
      rateLimit(props.requestsPerMinute),
      managedGroup('common-rules', 'AWSManagedRulesCommonRuleSet', countedBodyRules.common),
      managedGroup('known-bad-inputs', 'AWSManagedRulesKnownBadInputsRuleSet', countedBodyRules.knownBadInputs),
    ];
    return [...trusted, ...others].map((rule, priority) => ({ ...rule, priority }));
  }

  private ipSet(name: string, range: TrustedRange, props: WebAclProps): string {
    return new Wafv2IpSet(this, name, {
      name: `${props.name}-${name}`,
      description: `Webhook senders, as of ${range.date}`,
      scope: 'REGIONAL',
      ipAddressVersion: 'IPV4',
      addresses: [...range.cidrs],
    }).arn;
  }

  private log(webAclArn: string, props: WebAclProps): void {
    const group = new EncryptedLogGroup(this, 'log-group', props.logGroup);
    new Wafv2WebAclLoggingConfiguration(this, 'logging', {
      resourceArn: webAclArn,
      logDestinationConfigs: [group.arn],
      redactedFields: redactedHeaders.map((name) => ({ singleHeader: { name } })),
      loggingFilter: {
        // What passed is in the API's access log. What was only counted stays out: its record quotes the piece of the body that matched.
        defaultBehavior: 'DROP',
        filter: [
          {
            behavior: 'KEEP',
            requirement: 'MEETS_ANY',
            condition: [{ actionCondition: { action: 'BLOCK' } }],
          },
        ],
      },
    });
  }
}

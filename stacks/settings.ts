import type { InterfaceService } from './interface-services';
import type { Subscriber } from './subscribers';
import type { TrustedRangeName } from './trusted-ranges';

/** Every provider that has an adapter, and so a secret. */
export const providers = ['stripe', 'paypal', 'square', 'generic'] as const;
export type ProviderName = (typeof providers)[number];

/** Those that can be asked for past events, once an API key is in their secret. */
export const reconcilableProviders = ['stripe', 'paypal', 'square'] as const satisfies readonly ProviderName[];

/** What one environment may set. All of it is checked when the stacks are synthesized. */
export interface Settings {
  /** AWS region of every resource. */
  readonly region: string;
  /** The 12 digits of the account. Without it, the account of the credentials is used; with it, Terraform refuses every other account. */
  readonly accountId?: string;
  /** Tags on every resource, beside Project, Environment and ManagedBy. */
  readonly tags: Readonly<Record<string, string>>;

  /** Providers whose webhooks are accepted; the others are answered 404. Their secrets exist all the same. */
  readonly enabledProviders: readonly ProviderName[];
  /** Largest accepted webhook body in bytes. A base64 body is a third larger and Lambda takes 6 MB, hence the limit of 4 MiB. */
  readonly maxBodyBytes: number;
  /** Steady rate and burst of requests that the API lets through; what is over it is answered 429, and providers retry. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number };
  /** Who may call the health function's URL: anybody (`NONE`) or signed callers of the account (`AWS_IAM`). */
  readonly functionUrlAuth: 'NONE' | 'AWS_IAM';
  /** Whether this environment sets API Gateway's CloudWatch role, of which an account has one per region. False where another stack sets it. */
  readonly apiGatewayAccountRole: boolean;

  /** The network that the functions run in. */
  readonly network: {
    /** Range of the VPC: private, /16 to /24, and not one that it is to be connected with. Changing it makes a new network. */
    readonly cidr: string;
    /** Two zones by name. Left out, the region's first two, which may change when AWS adds one; name them where downtime matters. */
    readonly availabilityZones?: readonly string[];
    /** NAT gateways: 1 for all, 2 for one in each zone, 0 for no way to the internet and so no PayPal. Each costs about 43 USD a month. */
    readonly natGateways: number;
    /** AWS services to reach without the internet, each for about 19 USD a month. All that functions call, where natGateways is 0. */
    readonly interfaceServices: readonly InterfaceService[];
    /** Log every connection in the VPC. */
    readonly flowLogs: boolean;
  };
  /** The web ACL in front of the API; left out, there is none, which saves about 12 USD a month. */
  readonly webAcl?: {
    /** Requests that one address may send in 60 seconds before it is answered 429, unless it is trusted. */
    readonly requestsPerMinute: number;
    /** Whose addresses are let through on their own path whatever they send, by their name in trusted-provider-ranges.json. */
    readonly trustedRanges: readonly TrustedRangeName[];
  };
  /** A name of our own for the API; left out, the name that API Gateway gives it. */
  readonly customDomain?: {
    /** In lower case, without scheme or path. */
    readonly domainName: string;
    /** An issued ACM certificate for the name, in this region. */
    readonly certificateArn: string;
    /** Route 53 zone to make the name in; left out, somebody else points the name at the output CustomDomainTarget. */
    readonly hostedZoneId?: string;
  };

  /** How often a function repeats a failed AWS call. The queues' receive count is two more, and at least 5. */
  readonly maxRetries: number;
  /** Upper bound in milliseconds of one attempt of an AWS call; functions with less time get less. */
  readonly timeoutMs: number;
  /** Amounts in major units above which a payment is of high value, by currency; `default` for the rest. Goes to the SSM parameter. */
  readonly highValueThresholds: Readonly<Record<string, string>> & { readonly default: string };
  /** Lowest level of the functions' log lines. Not above INFO: Lambda takes metrics for INFO lines and would drop them, and the alarms with them. */
  readonly logLevel: 'DEBUG' | 'INFO';

  /** The account's limit of concurrent Lambda runs in the region; new accounts may have as few as 10. 100 of it cannot be reserved. */
  readonly accountConcurrencyLimit: number;
  /** Concurrent runs reserved for a function. Accounts with a limit near 100 cannot reserve any, so leaving it out is allowed. */
  readonly reservedConcurrency: { readonly webhookReceiver?: number; readonly healthCheck?: number };
  /** Most concurrent runs that a queue may start (2 to 1000). */
  readonly maximumConcurrency: { readonly eventProcessor: number; readonly notificationHandler: number };
  /** Concurrent relay runs per shard of the table's stream (1 to 10). */
  readonly relayParallelization: number;

  /** How missed events are looked for, at providers whose secret has an API key. */
  readonly reconciliation: {
    /** Minutes between two runs, 5 to 60. */
    readonly everyMinutes: number;
    /**
     * Event types that count as missed when no webhook brought them, each a name or a beginning with `*`: what the endpoint at the
     * provider is subscribed to. A provider that is left out: every type that means something for money.
     */
    readonly eventTypes: Readonly<Partial<Record<(typeof reconcilableProviders)[number], readonly string[]>>>;
  };

  /** Days until the table drops an event row. A redelivery after that is a new event, so it must outlast retries, dead letters and bus replays. */
  readonly eventRetentionDays: number;
  /** Days that log groups keep their lines; one of CloudWatch's values. */
  readonly logRetentionDays: number;
  /** Days that the bus archive keeps events for a replay. */
  readonly busArchiveDays: number;
  /** Days after which archived webhooks and audit objects move to cold storage. */
  readonly coldStorageAfterDays: number;
  /** Days during which nobody can alter or delete an audit object. */
  readonly auditRetentionDays: number;
  /** `COMPLIANCE` binds everybody, root included, and makes a destroy impossible until it ends; `GOVERNANCE` can be lifted with a permission. */
  readonly auditLockMode: 'GOVERNANCE' | 'COMPLIANCE';
  /** Whether Terraform refuses to destroy the data, the table is protected, buckets must be empty, and keys and secrets wait 30 days. */
  readonly retainData: boolean;

  /** People who are told about payments. Each confirms a subscription by e-mail. */
  readonly alertEmails: readonly string[];
  /** Queues that get every alert about a payment as an SNS notification. Their policies have to let the alert topic in. */
  readonly alertTargets: readonly AlertTarget[];
  /** Hours without a webhook of a provider after which people on call are told, 1 to 24. For providers that never rest; the others left out. */
  readonly silentAfterHours: Readonly<Partial<Record<ProviderName, number>>>;
  /** People on call, who are told about operational alarms. */
  readonly operationsEmails: readonly string[];
  /** Queues that get every operational alarm as an SNS notification. Their policies have to let the operations topic in. */
  readonly operationsTargets: readonly AlertTarget[];
  /** Whether alerts and alarms are posted to HTTPS endpoints, such as a chat's. Their URLs are a secret: `npm run ops -- secrets endpoints`. */
  readonly alertEndpoints: boolean;

  /** Your own consumers of payment events. */
  readonly subscribers: readonly Subscriber[];

  /** Where the Terraform state of the data and pipeline stacks is kept; left out, in files beside cdktf.json. */
  readonly state?: RemoteState;
}

/** Where alerts and alarms go beside people's mail. */
export interface AlertTarget {
  /** A standard queue in the environment's account and region. */
  readonly queueArn: string;
}

/** What `npm run bootstrap` makes. */
export interface RemoteState {
  /** Bucket of the state files, in the environment's region. */
  readonly bucket: string;
  /** DynamoDB table of the locks, in the environment's region. */
  readonly lockTable: string;
}

export interface Environment extends Settings {
  /** Last part of every name; tells environments in one account apart. */
  readonly suffix: string;
  /** The record that the settings come from. */
  readonly settings: string;
  /** Whether the stacks are made for the local run of this machine, where a subscriber may be a plain HTTP address of it. */
  readonly localRun?: boolean;
}

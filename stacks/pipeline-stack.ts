import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { AlertEndpointsSecret } from './constructs/alert-endpoints-secret';
import { AlertForwarder, alertForwarderTimeoutSeconds } from './constructs/alert-forwarder';
import { ApiEdge } from './constructs/api-edge';
import type { ArchiveBucket } from './constructs/archive-bucket';
import type { AuditBucket } from './constructs/audit-bucket';
import { AuditLogger } from './constructs/audit-logger';
import { ConfigParameter } from './constructs/config-parameter';
import { DeadLetterQueue } from './constructs/dead-letter-queue';
import type { EncryptionKey } from './constructs/encryption-key';
import { EventBus } from './constructs/event-bus';
import { EventProcessor, eventProcessorTimeoutSeconds } from './constructs/event-processor';
import { EventRelay } from './constructs/event-relay';
import { FunctionNetwork } from './constructs/function-network';
import { HealthCheck } from './constructs/health-check';
import { throttledRequests } from './constructs/metrics';
import { NotificationHandler, notificationHandlerTimeoutSeconds } from './constructs/notification-handler';
import { Observability } from './constructs/observability';
import { AlertRoutes } from './constructs/payment-routes';
import type { PaymentTable } from './constructs/payment-table';
import { alarmPublisher, PeopleTopic } from './constructs/people-topic';
import type { FunctionDefaults } from './constructs/pipeline-function';
import type { ProviderSecrets } from './constructs/provider-secrets';
import { Reconciler } from './constructs/reconciler';
import { SubscriberRoute } from './constructs/subscriber-route';
import { StandardPaymentsLog } from './constructs/standard-payments-log';
import { configureTerraform } from './constructs/terraform-settings';
import { WebhookApi } from './constructs/webhook-api';
import { WebhookReceiver } from './constructs/webhook-receiver';
import { WorkQueue } from './constructs/work-queue';
import { arnsOf, namesOf, stackIds, type Place } from './naming';
import type { Environment } from './settings';

export interface PipelineStackProps {
  readonly environment: Environment;
  /** Folder of the functions' zips. */
  readonly packageDirectory: string;
  /** What outlives this stack. */
  readonly data: {
    readonly key: EncryptionKey;
    readonly table: PaymentTable;
    readonly archive: ArchiveBucket;
    readonly audit: AuditBucket;
    readonly secrets: ProviderSecrets;
    readonly alertEndpoints: AlertEndpointsSecret | undefined;
  };
}

/** Everything between a provider's request and an alert, an archived body and an audit record. */
export class PipelineStack extends TerraformStack {
  private readonly place: Place;
  private readonly names: ReturnType<typeof namesOf>;
  private readonly keyArn: string;
  private readonly environment: Environment;

  constructor(scope: Construct, { environment, packageDirectory, data }: PipelineStackProps) {
    super(scope, stackIds(environment.suffix).pipeline);
    this.environment = environment;
    this.place = configureTerraform(this, environment, environment.state);
    this.names = namesOf(this.place.suffix, this.place.accountId);
    this.keyArn = data.key.arn;

    const { keyArn, names, place } = this;
    const network = new FunctionNetwork(this, 'network', { place, environment, keyArn });
    const config = new ConfigParameter(this, 'config', { name: names.configParameter, settings: environment });
    const queues = this.queues();
    const topics = this.topics(queues.delivery);
    const bus = new EventBus(this, 'event-bus', {
      name: names.bus,
      keyArn,
      deadLetters: queues.routing,
      archiveName: names.busArchive,
      archiveDays: environment.busArchiveDays,
    });
    this.routes(bus, queues);
    const subscriberRules = this.subscribers(bus, queues.routing);

    const defaults = this.functionDefaults(packageDirectory, network);
    const { table, archive, audit, secrets } = data;
    const { maximumConcurrency, relayParallelization, eventRetentionDays } = environment;
    const receiver = new WebhookReceiver(this, defaults, { environment, table, archive, secrets });
    new EventRelay(this, defaults, {
      table,
      archive,
      processingQueue: queues.processing,
      deadLetters: queues.relay,
      parallelization: relayParallelization,
    });
    new EventProcessor(this, defaults, {
      table,
      queue: queues.processing,
      bus,
      config,
      maximumConcurrency: maximumConcurrency.eventProcessor,
    });
    new NotificationHandler(this, defaults, {
      table,
      queue: queues.notification,
      topic: topics.alerts,
      retentionDays: eventRetentionDays,
      maximumConcurrency: maximumConcurrency.notificationHandler,
    });
    const auditLogger = new AuditLogger(this, defaults, { table, bucket: audit, topic: topics.alerts, deadLetters: queues.audit });
    const health = new HealthCheck(this, defaults, { environment, table, processingQueue: queues.processing, secrets });

    new Reconciler(this, defaults, {
      environment,
      table,
      archive,
      processingQueue: queues.processing,
      secrets,
      deadLetters: queues.reconciler,
    });

    this.forwarding(defaults, topics, data.alertEndpoints, queues.delivery);

    const edge = new ApiEdge(this, 'edge', { place, environment, api: this.api(receiver, health), keyArn });
    const observability = new Observability(this, 'observability', {
      place,
      environment,
      operationsTopicArn: topics.operations.arn,
      auditLogger,
    });
    this.outputs({
      ApiUrl: edge.url,
      ...Object.fromEntries(environment.enabledProviders.map((name) => [`WebhookUrl${titleCase(name)}`, `${edge.url}/webhook/${name}`])),
      ...(edge.domainTarget !== undefined && { CustomDomainTarget: edge.domainTarget }),
      HealthCheckUrl: health.url,
      PaymentTableName: table.name,
      EventBusName: bus.name,
      ArchiveBucketName: archive.name,
      AlertTopicArn: topics.alerts.arn,
      DashboardUrl: observability.dashboardUrl,
      ...subscriberRules,
    });
  }

  private queues() {
    const { keyArn, names } = this;
    const work = (id: string, name: string, consumerTimeoutSeconds: number) => this.workQueue(id, name, consumerTimeoutSeconds);
    const deadLetters = (id: string, name: string) => {
      const queue = new DeadLetterQueue(this, id, { name, keyArn });
      queue.allowRedriveFrom(undefined);
      return queue;
    };
    return {
      processing: work('processing', names.processingQueue, eventProcessorTimeoutSeconds),
      notification: work('notification', names.notificationQueue, notificationHandlerTimeoutSeconds),
      relay: deadLetters('relay-dead-letters', names.relayDeadLetters),
      audit: deadLetters('audit-dead-letters', names.auditDeadLetters),
      routing: deadLetters('routing-dead-letters', names.routingDeadLetters),
      delivery: deadLetters('delivery-dead-letters', names.deliveryDeadLetters),
      reconciler: deadLetters('reconciler-dead-letters', names.reconcilerDeadLetters),
    };
  }

  private workQueue(id: string, name: string, consumerTimeoutSeconds: number): WorkQueue {
    // Two more than the functions' own retries, so that a message is not given up for what a function could have overcome.
    const maxReceiveCount = Math.max(5, this.environment.maxRetries + 2);
    return new WorkQueue(this, id, { name, keyArn: this.keyArn, consumerTimeoutSeconds, maxReceiveCount });
  }

  /** Nothing of it is there where the environment posts no alerts. */
  private forwarding(
    defaults: FunctionDefaults,
    topics: { readonly alerts: PeopleTopic; readonly operations: PeopleTopic },
    endpoints: AlertEndpointsSecret | undefined,
    deliveryDeadLetters: DeadLetterQueue,
  ): void {
    if (endpoints === undefined) return;
    const queue = this.workQueue('forwarding', this.names.forwardingQueue, alertForwarderTimeoutSeconds);
    new AlertForwarder(this, defaults, { queue, topics, endpoints, deliveryDeadLetters });
  }

  private topics(deadLetters: DeadLetterQueue) {
    const { keyArn, names, place, environment } = this;
    return {
      alerts: new PeopleTopic(this, 'alerts', {
        name: names.alertTopic,
        displayName: 'Payment alerts',
        keyArn,
        emails: environment.alertEmails,
        queueArns: environment.alertTargets.map(({ queueArn }) => queueArn),
        deadLetters,
      }),
      operations: new PeopleTopic(this, 'operations', {
        name: names.operationsTopic,
        displayName: 'Payment webhooks operations',
        keyArn,
        emails: environment.operationsEmails,
        queueArns: environment.operationsTargets.map(({ queueArn }) => queueArn),
        deadLetters,
        publishers: alarmPublisher(place.accountId, arnsOf(place).anyAlarm),
      }),
    };
  }

  private routes(bus: EventBus, { notification, routing }: { readonly notification: WorkQueue; readonly routing: DeadLetterQueue }): void {
    const { names, keyArn, environment } = this;
    new AlertRoutes(this, 'alert-routes', { bus, queue: notification, deadLetters: routing, nameOf: names.ofRule });
    new StandardPaymentsLog(this, 'standard-payments', {
      bus,
      logGroup: { name: names.standardPaymentsLog, keyArn, retentionDays: environment.logRetentionDays },
      ruleName: names.ofRule('standard'),
      policyName: names.ofRule('standard'),
      deadLetters: routing,
    });
  }

  /** The ARN of each subscriber's rule as an output, for the policy of a queue or bus that is not ours to write. */
  private subscribers(bus: EventBus, deadLetters: DeadLetterQueue): Readonly<Record<string, string>> {
    const rules = this.environment.subscribers.map((subscriber) => {
      const name = this.names.ofRule(subscriber.name);
      const { ruleArn } = new SubscriberRoute(this, `subscriber-${subscriber.name}`, { bus, name, subscriber, deadLetters });
      return [`SubscriberRule${subscriber.name.split('-').map(titleCase).join('')}`, ruleArn] as const;
    });
    return Object.fromEntries(rules);
  }

  private functionDefaults(packageDirectory: string, { subnets }: FunctionNetwork): FunctionDefaults {
    const { place, keyArn, environment } = this;
    const { logLevel, logRetentionDays, maxRetries, timeoutMs } = environment;
    return { place, keyArn, packageDirectory, logLevel, logRetentionDays, calls: { maxRetries, timeoutMs }, subnets };
  }

  private api(receiver: WebhookReceiver, healthCheck: HealthCheck): WebhookApi {
    const { names, keyArn, environment } = this;
    return new WebhookApi(this, 'webhook-api', {
      name: names.api,
      receiver,
      healthCheck,
      throttle: environment.throttle,
      logging: {
        accessLogName: names.apiAccessLog,
        throttled: throttledRequests(environment.suffix),
        keyArn,
        retentionDays: environment.logRetentionDays,
        accountRoleName: environment.apiGatewayAccountRole ? names.apiAccountRole : undefined,
      },
    });
  }

  private outputs(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) new TerraformOutput(this, name, { value });
  }
}

function titleCase(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

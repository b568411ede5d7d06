import * as v from 'valibot';
import { AwsError, UnknownCallError } from '../aws-error';
import type { JsonService } from '../json-protocol';
import type { Logs } from '../logs';
import { type Account, ignored, operation } from '../service';
import type { Queues } from '../sqs/queues';
import { createArchives } from './archives';
import { type Bus, compileOrRefuse, createBuses, type Rule } from './buses';
import { createConnections } from './connections';
import { createDelivery } from './delivery';
import { asReplay, type BusEvent } from './event';
import { putEvents, putEventsSchema } from './put-events';

const busName = v.optional(v.string());
const targetSchema = v.strictObject({
  Id: v.string(),
  Arn: v.string(),
  RoleArn: v.optional(v.string()),
  DeadLetterConfig: v.optional(v.strictObject({ Arn: v.optional(v.string()) })),
  RetryPolicy: v.optional(
    v.strictObject({
      MaximumRetryAttempts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(185))),
      MaximumEventAgeInSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(86_400))),
    }),
  ),
});

function describeRule(rule: Rule): Record<string, unknown> {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.pattern,
    State: rule.state,
    Description: rule.description,
    EventBusName: rule.busName,
  };
}

function parseEvent(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('ValidationException', 'Parameter Event is not valid. Reason: it is not JSON.');
  }
}

/** Amazon EventBridge: buses, rules with patterns, archives. Differences from AWS: docs/local-aws.md. */
export function createEvents(account: Account, queues: Queues, logs: Logs): JsonService {
  const buses = createBuses(account);
  const archives = createArchives(account, buses);
  const connections = createConnections(account);
  const deliver = createDelivery(account, {
    queues,
    logs,
    forward(busArn, event) {
      const bus = buses.find(busArn);
      if (bus !== undefined) route(bus, event);
      return bus !== undefined;
    },
    destination: (arn) => connections.destination(arn),
  });

  function matching(bus: Bus, event: BusEvent): Rule[] {
    return [...bus.rules.values()].filter((rule) => rule.state === 'ENABLED' && rule.matches(event.value));
  }

  function route(bus: Bus, event: BusEvent, rules = matching(bus, event)): void {
    for (const rule of rules) {
      for (const target of rule.targets.values()) deliver(rule, target, event);
    }
  }

  /** An unknown bus swallows the event, as on AWS; the observers see that no rule had it. */
  function accept(nameOrArn: string | undefined, event: BusEvent): void {
    const bus = buses.find(nameOrArn);
    const rules = bus === undefined ? [] : matching(bus, event);
    const { id, source, detailType, detail } = event;
    const name = bus?.name ?? nameOrArn ?? 'default';
    account.observers.emit('put-events', { busName: name, eventId: id, source, detailType, detail, rules: rules.map((rule) => rule.name) });
    if (bus === undefined) return;
    archives.store(bus.arn, event);
    route(bus, event, rules);
  }

  function replayOn(busArn: string, event: BusEvent, replayName: string, ruleArns?: string[]): void {
    const bus = buses.get(busArn);
    const replayed = asReplay(event, replayName);
    route(
      bus,
      replayed,
      matching(bus, replayed).filter(({ arn }) => ruleArns?.includes(arn) ?? true),
    );
  }

  function checkTarget(arn: string): void {
    const [, , service = '', , , kind = ''] = arn.split(':');
    const isKnown =
      service === 'sqs' ||
      (service === 'logs' && kind === 'log-group') ||
      (service === 'events' && /^(event-bus|api-destination)\//.test(kind));
    if (!isKnown) throw new UnknownCallError(`EventBridge targets like ${arn}`);
  }

  return {
    name: 'events',
    version: '1.1',
    operations: {
      ...connections.operations,
      CreateEventBus: operation(
        v.strictObject({ Name: v.string(), Description: ignored, KmsKeyIdentifier: ignored, DeadLetterConfig: ignored, Tags: ignored }),
        (input) => ({ EventBusArn: buses.create(input.Name).arn }),
      ),
      DeleteEventBus: operation(v.strictObject({ Name: v.string() }), (input) => {
        buses.remove(input.Name);
      }),
      DescribeEventBus: operation(v.strictObject({ Name: busName }), (input) => {
        const { name, arn, createdAt } = buses.get(input.Name);
        return { Name: name, Arn: arn, CreationTime: createdAt / 1000 };
      }),
      ListEventBuses: operation(v.strictObject({ NamePrefix: v.optional(v.string(), '') }), (input) => ({
        EventBuses: buses.all().flatMap(({ name, arn }) => (name.startsWith(input.NamePrefix) ? [{ Name: name, Arn: arn }] : [])),
      })),
      PutRule: operation(
        v.strictObject({
          Name: v.string(),
          EventPattern: v.string(),
          State: v.optional(v.picklist(['ENABLED', 'DISABLED']), 'ENABLED'),
          Description: v.optional(v.string()),
          EventBusName: busName,
          RoleArn: ignored,
          Tags: ignored,
        }),
        (input) => {
          const settings = { pattern: input.EventPattern, state: input.State, description: input.Description };
          return { RuleArn: buses.putRule(input.Name, input.EventBusName, settings).arn };
        },
      ),
      DescribeRule: operation(v.strictObject({ Name: v.string(), EventBusName: busName }), (input) =>
        describeRule(buses.rule(input.Name, input.EventBusName)),
      ),
      EnableRule: operation(v.strictObject({ Name: v.string(), EventBusName: busName }), (input) => {
        buses.rule(input.Name, input.EventBusName).state = 'ENABLED';
      }),
      DisableRule: operation(v.strictObject({ Name: v.string(), EventBusName: busName }), (input) => {
        buses.rule(input.Name, input.EventBusName).state = 'DISABLED';
      }),
      DeleteRule: operation(v.strictObject({ Name: v.string(), EventBusName: busName, Force: ignored }), (input) => {
        buses.get(input.EventBusName).rules.delete(input.Name);
      }),
      ListRules: operation(v.strictObject({ NamePrefix: v.optional(v.string(), ''), EventBusName: busName, Limit: ignored }), (input) => ({
        Rules: [...buses.get(input.EventBusName).rules.values()].filter(({ name }) => name.startsWith(input.NamePrefix)).map(describeRule),
      })),
      PutTargets: operation(v.strictObject({ Rule: v.string(), EventBusName: busName, Targets: v.array(targetSchema) }), (input) => {
        const rule = buses.rule(input.Rule, input.EventBusName);
        for (const { Arn } of input.Targets) checkTarget(Arn);
        for (const target of input.Targets) rule.targets.set(target.Id, target);
        return { FailedEntryCount: 0, FailedEntries: [] };
      }),
      RemoveTargets: operation(
        v.strictObject({ Rule: v.string(), EventBusName: busName, Ids: v.array(v.string()), Force: ignored }),
        (input) => {
          const rule = buses.rule(input.Rule, input.EventBusName);
          for (const id of input.Ids) rule.targets.delete(id);
          return { FailedEntryCount: 0, FailedEntries: [] };
        },
      ),
      ListTargetsByRule: operation(v.strictObject({ Rule: v.string(), EventBusName: busName, Limit: ignored }), (input) => ({
        Targets: [...buses.rule(input.Rule, input.EventBusName).targets.values()],
      })),
      PutEvents: operation(putEventsSchema, (input, context) => putEvents(account, input, context, accept)),
      TestEventPattern: operation(v.strictObject({ Event: v.string(), EventPattern: v.string() }), (input) => {
        const matches = compileOrRefuse(input.EventPattern);
        return { Result: matches(parseEvent(input.Event)) };
      }),
      CreateArchive: operation(
        v.strictObject({
          ArchiveName: v.string(),
          EventSourceArn: v.string(),
          EventPattern: v.optional(v.string()),
          RetentionDays: v.optional(v.number(), 0),
          Description: ignored,
        }),
        (input) => {
          const archive = archives.create(input.ArchiveName, input.EventSourceArn, input.EventPattern, input.RetentionDays);
          return { ArchiveArn: archive.arn, State: 'ENABLED', CreationTime: archive.createdAt / 1000 };
        },
      ),
      DescribeArchive: operation(v.strictObject({ ArchiveName: v.string() }), (input) => {
        const archive = archives.get(input.ArchiveName);
        return {
          ArchiveArn: archive.arn,
          ArchiveName: archive.name,
          EventSourceArn: archive.busArn,
          EventPattern: archive.pattern,
          State: 'ENABLED',
          RetentionDays: archive.retentionDays,
          EventCount: archive.events.length,
          SizeBytes: archive.bytes,
          CreationTime: archive.createdAt / 1000,
        };
      }),
      StartReplay: operation(
        v.strictObject({
          ReplayName: v.string(),
          EventSourceArn: v.string(),
          EventStartTime: v.number(),
          EventEndTime: v.number(),
          Destination: v.strictObject({ Arn: v.string(), FilterArns: v.optional(v.array(v.string())) }),
          Description: ignored,
        }),
        (request) => {
          const { ReplayArn, State, ReplayStartTime } = archives.startReplay(request, replayOn);
          return { ReplayArn, State, ReplayStartTime };
        },
      ),
      DescribeReplay: operation(v.strictObject({ ReplayName: v.string() }), (input) => archives.replay(input.ReplayName)),
    },
  };
}

import * as v from 'valibot';
import { AwsError } from './aws-error';
import type { JsonService } from './json-protocol';
import { type Account, ignored, operation } from './service';

// A group keeps this much, the newest; on AWS its retention decides.
const MAX_EVENTS = 10_000;

interface LogEvent {
  stream: string;
  timestamp: number;
  ingestionTime: number;
  message: string;
}

interface LogGroup {
  name: string;
  arn: string;
  createdAt: number;
  events: LogEvent[];
  streams: Map<string, { firstAt: number; lastAt: number }>;
}

/** CloudWatch Logs as EventBridge rules write to it and tools read it. */
export interface Logs {
  service: JsonService;
  /** Appends to a group; false where there is none. */
  append(groupName: string, stream: string, messages: readonly string[]): boolean;
}

const groupName = v.string();
const timeRange = {
  startTime: v.optional(v.number(), 0),
  endTime: v.optional(v.number(), Number.MAX_SAFE_INTEGER),
  limit: v.optional(v.number(), MAX_EVENTS),
};

/** An account without log groups. */
export function createLogs(account: Account): Logs {
  const groups = new Map<string, LogGroup>();

  function find(name: string): LogGroup {
    const group = groups.get(name);
    if (group === undefined) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }

  function add(group: LogGroup, stream: string, entries: readonly { timestamp: number; message: string }[]): void {
    const now = account.clock.now();
    const times = group.streams.get(stream) ?? { firstAt: now, lastAt: now };
    group.streams.set(stream, { ...times, lastAt: now });
    for (const { timestamp, message } of entries) group.events.push({ stream, timestamp, ingestionTime: now, message });
    if (group.events.length > MAX_EVENTS * 1.2) group.events = group.events.slice(-MAX_EVENTS);
    account.observers.emit('log-events', { logGroupName: group.name, messages: entries.map(({ message }) => message) });
  }

  const service: JsonService = {
    name: 'logs',
    version: '1.1',
    operations: {
      CreateLogGroup: operation(
        v.strictObject({ logGroupName: groupName, kmsKeyId: ignored, tags: ignored, logGroupClass: ignored }),
        (input) => {
          if (groups.has(input.logGroupName))
            throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
          const arn = `arn:aws:logs:${account.region}:${account.accountId}:log-group:${input.logGroupName}`;
          groups.set(input.logGroupName, { name: input.logGroupName, arn, createdAt: account.clock.now(), events: [], streams: new Map() });
        },
      ),
      PutRetentionPolicy: operation(v.strictObject({ logGroupName: groupName, retentionInDays: ignored }), (input) => {
        find(input.logGroupName);
      }),
      DescribeLogGroups: operation(v.strictObject({ logGroupNamePrefix: v.optional(v.string(), ''), limit: ignored }), (input) => ({
        logGroups: [...groups.values()]
          .filter(({ name }) => name.startsWith(input.logGroupNamePrefix))
          .map(({ name, arn, createdAt }) => ({ logGroupName: name, arn: `${arn}:*`, creationTime: createdAt })),
      })),
      CreateLogStream: operation(v.strictObject({ logGroupName: groupName, logStreamName: v.string() }), (input) => {
        const now = account.clock.now();
        find(input.logGroupName).streams.set(input.logStreamName, { firstAt: now, lastAt: now });
      }),
      DescribeLogStreams: operation(
        v.strictObject({
          logGroupName: groupName,
          logStreamNamePrefix: v.optional(v.string(), ''),
          orderBy: ignored,
          descending: ignored,
          limit: ignored,
        }),
        (input) => ({
          logStreams: [...find(input.logGroupName).streams]
            .filter(([name]) => name.startsWith(input.logStreamNamePrefix))
            .map(([logStreamName, { firstAt, lastAt }]) => ({ logStreamName, firstEventTimestamp: firstAt, lastEventTimestamp: lastAt })),
        }),
      ),
      PutLogEvents: operation(
        v.strictObject({
          logGroupName: groupName,
          logStreamName: v.string(),
          logEvents: v.array(v.object({ timestamp: v.number(), message: v.string() })),
          sequenceToken: ignored,
        }),
        (input) => {
          const group = find(input.logGroupName);
          if (!group.streams.has(input.logStreamName)) {
            throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
          }
          add(group, input.logStreamName, input.logEvents);
        },
      ),
      GetLogEvents: operation(
        v.strictObject({ logGroupName: groupName, logStreamName: v.string(), startFromHead: ignored, ...timeRange }),
        (input) => {
          const inRange = find(input.logGroupName).events.filter(
            ({ stream, timestamp }) => stream === input.logStreamName && timestamp >= input.startTime && timestamp < input.endTime,
          );
          const events = inRange
            .slice(0, input.limit)
            .map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime }));
          return { events, nextForwardToken: 'f/end', nextBackwardToken: 'b/start' };
        },
      ),
      FilterLogEvents: operation(v.strictObject({ logGroupName: groupName, ...timeRange }), (input) => {
        const inRange = find(input.logGroupName).events.filter(
          ({ timestamp }) => timestamp >= input.startTime && timestamp <= input.endTime,
        );
        return { events: inRange.slice(0, input.limit).map(({ stream, ...event }) => ({ logStreamName: stream, ...event })) };
      }),
    },
  };

  return {
    service,
    append(name, stream, messages) {
      const group = groups.get(name);
      if (group === undefined) return false;
      const timestamp = account.clock.now();
      add(
        group,
        stream,
        messages.map((message) => ({ timestamp, message })),
      );
      return true;
    },
  };
}

import type { ActivityLog } from './activity';
import type { AwsClients } from './aws-clients';
import { startQueueTrigger } from './event-sources/queue-trigger';
import { startScheduleTrigger } from './event-sources/schedule-trigger';
import { startStreamTrigger } from './event-sources/stream-trigger';
import type { Trigger } from './event-sources/trigger';
import { untilIdle } from './idle';
import { parseJsonObject } from './json';
import { HostedFunction, type Invocation } from './lambda-host/hosted-function';
import { patienceFor } from './patience';
import type { Pipeline, QueueTrigger } from './pipeline';

export interface PipelineHostOptions {
  readonly pipeline: Pipeline;
  readonly clients: Pick<AwsClients, 'sqs' | 'streams'>;
  readonly endpoint: string;
  readonly region: string;
  readonly activity: ActivityLog;
  /** Variables for one function beside its own; such as the trust in development certificates. */
  readonly extraVariables: (functionName: string) => Readonly<Record<string, string>>;
  /** Environments of a function behind the API, and of any other. */
  readonly environments: { readonly api: number; readonly other: number };
  /** Milliseconds between reads of a quiet stream. */
  readonly streamIdleMs: number;
}

/** Functions and triggers of one pipeline against one endpoint: embedded, or anything that Terraform applied to. */
export interface PipelineHost {
  readonly invoke: (functionName: string, event: unknown, traceHeader?: string) => Promise<Invocation>;
  /** Reads every stream at once. */
  wake(): void;
  /** The functions that take messages from a queue, and whether they do so now. */
  readonly queueTriggers: readonly { readonly functionName: string; readonly queueArn: string; readonly paused: boolean }[];
  /** Stops or starts taking messages for a function, as disabling its event source mapping does. Throws when it has no queue. */
  setPaused(functionName: string, paused: boolean): Promise<void>;
  /** A queue whose function is paused may hold messages. */
  waitForIdle(timeoutMs: number): Promise<void>;
  /** Starts the first environment of each function that answers requests. */
  warmUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs the functions' zips and polls their sources. Throws when a trigger's function or filter is unknown. */
export function hostPipeline(options: PipelineHostOptions): PipelineHost {
  const { pipeline, activity, clients } = options;
  const behindApi = new Set(pipeline.apis.flatMap(({ routes }) => routes.map(({ functionName }) => functionName)));
  const functions = new Map(pipeline.functions.map((settings) => [settings.name, hostedFunction(settings.name)]));
  let count = 0;
  const counting = activity.subscribe(() => {
    count += 1;
  });

  function hostedFunction(name: string): HostedFunction {
    const settings = pipeline.functions.find((one) => one.name === name);
    if (settings === undefined) throw new Error(`there is no function ${name} in the stacks`);
    return new HostedFunction(settings, {
      variables: { ...awsVariables(options), ...patienceFor(settings), ...options.extraVariables(name) },
      maxEnvironments: behindApi.has(name) ? options.environments.api : options.environments.other,
      onLines: (functionName, lines) => {
        for (const line of lines) addLine(activity, functionName, line);
      },
      onReport: (report) => {
        activity.add({ kind: 'report', at: Date.now(), report });
      },
    });
  }

  function find(name: string): HostedFunction {
    const found = functions.get(name);
    if (found === undefined) throw new Error(`there is no function ${name} in the stacks`);
    return found;
  }

  const onProblem = (text: string): void => {
    activity.add({ kind: 'problem', at: Date.now(), text });
  };
  const startQueue = (settings: QueueTrigger): Trigger => {
    const target = find(settings.functionName);
    const concurrency = Math.min(settings.maximumConcurrency ?? Number.POSITIVE_INFINITY, options.environments.other);
    const invoke = target.invoke.bind(target);
    return startQueueTrigger({ sqs: clients.sqs, settings, region: options.region, invoke, concurrency, onProblem });
  };
  const queueSources: { readonly settings: QueueTrigger; trigger: Trigger | undefined }[] = pipeline.queueTriggers.map((settings) => ({
    settings,
    trigger: startQueue(settings),
  }));
  const streamTriggers: readonly Trigger[] = pipeline.streamTriggers.map((settings) => {
    const target = find(settings.functionName);
    const { streams, sqs } = clients;
    const { region, streamIdleMs: idleMs } = options;
    return startStreamTrigger({ streams, sqs, settings, region, invoke: target.invoke.bind(target), onProblem, idleMs });
  });
  const scheduleTriggers: readonly Trigger[] = pipeline.scheduleTriggers.map((settings) => {
    const target = find(settings.functionName);
    return startScheduleTrigger({ settings, region: options.region, invoke: target.invoke.bind(target), onProblem });
  });
  const running = (): Trigger[] => [...queueSources.flatMap(({ trigger }) => trigger ?? []), ...streamTriggers, ...scheduleTriggers];
  const hosted = [...functions.values()];

  return {
    invoke: (functionName, event, traceHeader) => find(functionName).invoke(event, traceHeader),
    wake: () => {
      for (const trigger of running()) trigger.wake();
    },
    get queueTriggers() {
      return queueSources.map(({ settings: { functionName, queueArn }, trigger }) => ({
        functionName,
        queueArn,
        paused: trigger === undefined,
      }));
    },
    async setPaused(functionName, paused) {
      const sources = queueSources.filter(({ settings }) => settings.functionName === functionName);
      if (sources.length === 0) throw new Error(`no queue feeds a function ${functionName}`);
      for (const source of sources) {
        const { trigger, settings } = source;
        source.trigger = paused ? undefined : (trigger ?? startQueue(settings));
        if (paused) await trigger?.stop();
      }
    },
    waitForIdle: (timeoutMs) =>
      untilIdle(
        {
          sqs: clients.sqs,
          queueUrls: queueSources.flatMap(({ settings, trigger }) => (trigger === undefined ? [] : [settings.queueUrl])),
          triggers: running(),
          functions: hosted,
          activityCount: () => count,
        },
        timeoutMs,
      ),
    warmUp: async () => {
      await Promise.all([...behindApi].map((name) => find(name).warmUp()));
    },
    async stop() {
      counting();
      // A poller waits for its running invocations, and those end with their functions.
      await Promise.all([...running().map((trigger) => trigger.stop()), ...hosted.map((one) => one.end())]);
    },
  };
}

function awsVariables({ endpoint, region }: PipelineHostOptions): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    // Nobody at a laptop waits for the stacks' minutes and hours.
    RETRY_DELAYS_SECONDS: '1',
  };
}

function addLine(activity: ActivityLog, functionName: string, line: string): void {
  const fields = line.startsWith('{') ? parseJsonObject(line) : undefined;
  const at = Date.now();
  activity.add(fields === undefined ? { kind: 'text', at, functionName, text: line } : { kind: 'log', at, functionName, fields });
}

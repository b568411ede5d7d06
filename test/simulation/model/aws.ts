import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, ResourceNotFoundException } from '@aws-sdk/client-secrets-manager';
import { PublishCommand } from '@aws-sdk/client-sns';
import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import type { Topology } from '../topology';
import { busEventOf, type BusEvent } from './bus';
import { ModelQueue } from './queue';
import { ModelTable, type StreamRecord } from './table';

/** An object's version; a bucket keeps all of them. */
interface StoredVersion {
  readonly body: Uint8Array;
  readonly at: number;
}

/** A message to people, and the call that sent it. */
export interface Published {
  readonly reason: string;
  readonly text: string;
  readonly at: number;
  /** Place of the call in the order of all calls. */
  readonly call: number;
}

/** Whom the model tells about what happens in it. */
export interface Listeners {
  readonly changed: (record: StreamRecord) => void;
  readonly entered: (event: BusEvent) => void;
}

const lastPart = (text: string): string => text.slice(text.lastIndexOf('/') + 1);

/** The services behind the functions, each call one step. Time comes from whoever owns it. */
export class ModelAws {
  readonly table: ModelTable;
  readonly queues: ReadonlyMap<string, ModelQueue>;
  readonly events: BusEvent[] = [];
  readonly objects = new Map<string, StoredVersion[]>();
  readonly alerts: Published[] = [];
  readonly secrets = new Map<string, string>();
  readonly #now: () => number;
  readonly #listeners: Listeners;
  readonly #parameter: string;

  constructor(topology: Pick<Topology, 'queues' | 'parameter'>, now: () => number, listeners: Listeners) {
    this.#now = now;
    this.#listeners = listeners;
    this.#parameter = topology.parameter;
    this.table = new ModelTable(now, listeners.changed);
    this.queues = new Map(
      topology.queues.map((settings) => [
        settings.arn,
        new ModelQueue(settings, now, (message) => this.queues.get(settings.deadLetterArn ?? '')?.accept(message)),
      ]),
    );
  }

  queueNamed(name: string): ModelQueue {
    const queue = [...this.queues.values()].find(({ settings }) => settings.name === name);
    if (queue === undefined) throw new Error(`the stacks have no queue ${name}`);
    return queue;
  }

  /**
   * Answers a command as its service does, or throws as it does. `spared` says which entries of a batch the service takes; those it does not
   * take fail alone, in a call that succeeds.
   */
  answer(command: object, call = 0, spared: (index: number) => boolean = () => true): object {
    const fromTable = this.table.answer(command);
    if (fromTable !== undefined) return fromTable;
    if (command instanceof PutObjectCommand) return this.#putObject(command);
    if (command instanceof SendMessageBatchCommand) return this.#sendBatch(command, spared);
    if (command instanceof ChangeMessageVisibilityBatchCommand) return this.#postpone(command, spared);
    if (command instanceof SendMessageCommand) {
      return { MessageId: this.queueNamed(lastPart(command.input.QueueUrl ?? '')).send(command.input.MessageBody ?? '') };
    }
    if (command instanceof PutEventsCommand) return this.#putEvents(command.input.Entries ?? [], spared);
    if (command instanceof PublishCommand) return this.#publish(command, call);
    if (command instanceof GetSecretValueCommand) return this.#secret(command.input.SecretId ?? '');
    if (command instanceof GetParameterCommand) return { Parameter: { Value: this.#parameter } };
    throw new Error(`the model does not know ${command.constructor.name}`);
  }

  /** Every version of what a bucket has under a key. */
  versions(bucket: string, key: string): readonly StoredVersion[] {
    return this.objects.get(`${bucket}/${key}`) ?? [];
  }

  #putObject({ input }: PutObjectCommand): object {
    const { Bucket: bucket = '', Key: key = '', Body: body } = input;
    if (!(body instanceof Uint8Array)) throw new Error('an object that is no bytes');
    const versions = [...this.versions(bucket, key), { body, at: this.#now() }];
    this.objects.set(`${bucket}/${key}`, versions);
    return { VersionId: `v${versions.length}` };
  }

  #sendBatch({ input }: SendMessageBatchCommand, spared: (index: number) => boolean): object {
    const queue = this.queueNamed(lastPart(input.QueueUrl ?? ''));
    const entries = input.Entries ?? [];
    const taken = entries.filter((_, index) => spared(index));
    for (const { MessageBody: body = '' } of taken) queue.send(body);
    return {
      Successful: taken.map(({ Id }) => ({ Id })),
      Failed: entries.filter((entry) => !taken.includes(entry)).map(({ Id }) => ({ Id, Code: 'InternalError' })),
    };
  }

  #postpone({ input }: ChangeMessageVisibilityBatchCommand, spared: (index: number) => boolean): object {
    const queue = this.queueNamed(lastPart(input.QueueUrl ?? ''));
    const entries = input.Entries ?? [];
    const done = entries.filter(
      ({ ReceiptHandle: handle = '', VisibilityTimeout: seconds = 0 }, index) => spared(index) && queue.postpone(handle, seconds * 1000),
    );
    return {
      Successful: done.map(({ Id }) => ({ Id })),
      Failed: entries.filter((entry) => !done.includes(entry)).map(({ Id }) => ({ Id, Code: 'MessageNotInflight' })),
    };
  }

  #putEvents(entries: readonly PutEventsRequestEntry[], spared: (index: number) => boolean): object {
    const results = entries.map((entry, index) => {
      if (!spared(index)) return { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' };
      const event = busEventOf(entry, `bus-${this.events.length + 1}`, this.#now());
      this.events.push(event);
      this.#listeners.entered(event);
      return { EventId: event.id };
    });
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  }

  #publish({ input }: PublishCommand, call: number): object {
    const reason = input.MessageAttributes?.['reason']?.StringValue ?? '';
    this.alerts.push({ reason, text: input.Message ?? '', at: this.#now(), call });
    return { MessageId: `alert-${this.alerts.length}` };
  }

  #secret(name: string): object {
    const text = this.secrets.get(lastPart(name));
    if (text === undefined) throw new ResourceNotFoundException({ message: 'no such secret', $metadata: { httpStatusCode: 400 } });
    return { SecretString: text };
  }
}

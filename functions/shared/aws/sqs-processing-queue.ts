import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSClient, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { ProcessingMessage, ProcessingQueue } from '../domain/ports';
import { chunksThatFit } from './chunks';

/** The processing queue. One call for ten messages, or more calls where ten would be too many bytes. */
export function sqsProcessingQueue(client: Pick<SQSClient, 'send'>, queueUrl: string): ProcessingQueue {
  const send = async (entries: SendMessageBatchRequestEntry[]): Promise<Map<string, string | undefined>> => {
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    const outcomes = new Map<string, string | undefined>((answer.Successful ?? []).map(({ Id: id }) => [id ?? '', undefined]));
    for (const { Id: id, Code: code } of answer.Failed ?? []) outcomes.set(id ?? '', code ?? 'unknown');
    return outcomes;
  };

  return {
    async sendBatch(messages) {
      const chunks = chunksThatFit(messages.map(entryOf), ({ MessageBody: body }) => Buffer.byteLength(body ?? ''));
      const outcomes = new Map<string, string | undefined>();
      for (const chunk of chunks) for (const [id, outcome] of await send(chunk)) outcomes.set(id, outcome);
      return messages.map((_, index) => (outcomes.has(String(index)) ? outcomes.get(String(index)) : 'not answered'));
    },
  };
}

function entryOf(message: ProcessingMessage, index: number): SendMessageBatchRequestEntry {
  const { traceHeader } = message;
  const entry = { Id: String(index), MessageBody: JSON.stringify(message) };
  if (traceHeader === undefined) return entry;
  return { ...entry, MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } } };
}

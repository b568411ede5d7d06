/** A process of its own that answers AWS calls after fixed times, so that its work is not counted with what is measured. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { parseJsonObject, textAt } from '../local/json';

/** Milliseconds from a whole request to the first byte of its answer. */
const latencyMs: Readonly<Record<string, number>> = {
  PutItem: 5,
  UpdateItem: 5,
  GetItem: 5,
  PutObject: 25,
  SendMessage: 8,
  PutEvents: 8,
  GetParameter: 5,
  GetSecretValue: 5,
};

const secrets = JSON.stringify({ signingSecrets: ['whsec_development_only_stripe'] });
const settings = JSON.stringify({ maxRetries: 3, timeoutMs: 30000, highValueThresholds: { default: '10000' } });
const calls: Record<string, number> = {};

const server = createServer((request, response) => {
  void buffer(request).then((body) => {
    if (request.url === '/calls') {
      response.end(JSON.stringify(calls));
      return;
    }
    const target = request.headers['x-amz-target'];
    const operation = typeof target === 'string' ? target.slice(target.lastIndexOf('.') + 1) : 'PutObject';
    calls[operation] = (calls[operation] ?? 0) + 1;
    setTimeout(() => {
      if (latencyMs[operation] === undefined) response.statusCode = 501;
      response.setHeader('content-type', operation === 'PutObject' ? 'application/xml' : 'application/x-amz-json-1.0');
      if (operation === 'PutObject') response.setHeader('etag', '"00000000000000000000000000000000"');
      response.end(answerOf(operation, body));
    }, latencyMs[operation] ?? 0);
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address !== null ? address.port : 0);
});
// Ends with the bench, however that ends.
process.stdin.resume().once('end', () => process.exit());

function answerOf(operation: string, body: Buffer): string {
  switch (operation) {
    case 'PutObject':
      return '';
    case 'GetSecretValue':
      return JSON.stringify({ SecretString: secrets, VersionId: '1', Name: 'stripe', ARN: 'arn' });
    case 'GetParameter':
      return JSON.stringify({ Parameter: { Name: 'config', Type: 'String', Value: settings, Version: 1 } });
    case 'SendMessage': {
      const text = textAt(parseJsonObject(body.toString()), 'MessageBody');
      return JSON.stringify({ MessageId: '1', MD5OfMessageBody: createHash('md5').update(text).digest('hex') });
    }
    case 'PutEvents': {
      const entries = parseJsonObject(body.toString())?.['Entries'];
      const count = Array.isArray(entries) ? entries.length : 0;
      return JSON.stringify({ FailedEntryCount: 0, Entries: Array.from({ length: count }, (_, index) => ({ EventId: String(index) })) });
    }
    default:
      return '{}';
  }
}

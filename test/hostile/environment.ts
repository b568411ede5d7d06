import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { paypalChain } from '../support/signers';
import { maxBodyBytes } from './bodies';

/** The path of the one certificate that is there. */
const certificatePath = '/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb';

const { root, pem } = paypalChain();

/** What the handlers read when they are loaded: this file is imported before them. */
Object.assign(process.env, {
  PAYMENT_TABLE_NAME: 'payment-events-dev',
  ARCHIVE_BUCKET_NAME: 'archive',
  AUDIT_BUCKET_NAME: 'audit',
  SECRET_NAME_PREFIX: 'payment-webhooks/dev',
  ENABLED_PROVIDERS: 'stripe,paypal,square,generic',
  MAX_BODY_BYTES: String(maxBodyBytes),
  EVENT_RETENTION_DAYS: '90',
  PROCESSING_QUEUE_URL: 'http://127.0.0.1/1/processing',
  NOTIFICATION_QUEUE_URL: 'http://127.0.0.1/1/notification',
  RETRY_DELAYS_SECONDS: '30,120,600,3600',
  STREAM_DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1/1/stream-dead-letters',
  EVENT_BUS_NAME: 'bus',
  CONFIG_PARAMETER_NAME: '/payment-webhook/dev/config',
  ALERT_TOPIC_ARN: 'arn:aws:sns:ap-southeast-1:111122223333:payment-alerts-dev',
  MAX_ATTEMPTS: '1',
  REQUEST_TIMEOUT_MS: '2000',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_REGION: 'ap-southeast-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  PAYPAL_LOCAL_TRUST: JSON.stringify({ rootPem: root.pem, certificateOrigin: 'http://127.0.0.1:1' }),
});

/** Milliseconds since the epoch, for everything in this process: the handlers keep Date.now as it is when they are loaded. */
export const time = { now: Date.parse('2026-11-23T10:00:00.000Z') };
Date.now = () => time.now;

/** Certificates that were asked for since the last time; they are answered without a socket. */
export const certificateRequests: string[] = [];

/** What the certificates' host answers: the one certificate at its path, and here whatever a case puts there. */
export const certificateHost = new Map<string, { readonly status: number; readonly body: Buffer }>();
export const genuineCertificate = { status: 200, body: Buffer.from(pem) };
certificateHost.set(certificatePath, genuineCertificate);

function get(url: URL, _: unknown, answer: (response: Readable) => void): EventEmitter {
  certificateRequests.push(url.pathname);
  const { status, body } = certificateHost.get(url.pathname) ?? { status: 404, body: Buffer.from('no such certificate') };
  const response = Object.assign(Readable.from([body]), { statusCode: status });
  queueMicrotask(() => {
    answer(response);
  });
  return new EventEmitter();
}

/** Stands in for node:http's `get`, which every test file of a worker shares; returns what gives it back. */
export function answerCertificateRequests(): () => void {
  const http = process.getBuiltinModule('node:http');
  const real = { get: http.get };
  Object.assign(http, { get });
  return () => {
    Object.assign(http, real);
  };
}

import { answerCertificateRequests, certificateRequests, time } from './environment';
import { handler as audit } from '../../functions/audit-logger/handler';
import { handler as processor } from '../../functions/event-processor/handler';
import { handler as relay } from '../../functions/event-relay/handler';
import { handler as notifier } from '../../functions/notification-handler/handler';
import { handler as receiver } from '../../functions/webhook-receiver/handler';
import { InProcessAws } from './aws-in-process';
import { secretCanary } from './canaries';

export const standardSecret = `whsec_${Buffer.from(secretCanary.padEnd(32, '!')).toString('base64')}`;
export const squareUrl = 'https://example.com/webhook/square';
export const paypalWebhookId = `${secretCanary}-PP`;

/** Every provider's secret, as it should be. */
export const secrets: Readonly<Record<string, object>> = {
  stripe: { signingSecrets: [`whsec_${secretCanary}`] },
  paypal: { webhookIds: [paypalWebhookId], environment: 'sandbox' },
  square: { subscriptions: [{ signatureKey: secretCanary, notificationUrl: squareUrl }] },
  generic: { signingSecrets: [secretCanary, standardSecret] },
};

/** The real handlers over an AWS in this process, with a clock that stands still and outputs that are kept. */
export class Pipeline {
  readonly aws = new InProcessAws();
  readonly handlers = { receiver, relay, processor, notifier, audit };
  /** Paths of the certificates that were asked for. */
  readonly certificateRequests = certificateRequests;
  #output: string[] = [];
  readonly #originals: readonly (() => void)[];

  constructor() {
    const keep = (chunk: unknown): boolean => this.#output.push(String(chunk)) > 0;
    const streams = [process.stdout, process.stderr].map((stream) => {
      const write = stream.write.bind(stream);
      stream.write = keep;
      return () => (stream.write = write);
    });
    this.#originals = [...streams, this.aws.install(), answerCertificateRequests()];
    this.restoreSecrets();
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return time.now;
  }

  /** Lets so many milliseconds go by. */
  wait(milliseconds: number): void {
    time.now += milliseconds;
  }

  /** Every provider's secret as it should be. */
  restoreSecrets(): void {
    for (const [provider, secret] of Object.entries(secrets)) this.aws.secrets.set(provider, JSON.stringify(secret));
  }

  /** What was written to the outputs since the last time, one text per chunk. */
  drain(): string[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  /** Gives the outputs, the clients and node:http back. */
  stop(): void {
    for (const restore of this.#originals) restore();
  }
}

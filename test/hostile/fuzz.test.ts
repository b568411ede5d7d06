import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { corpusPresent } from '../support/corpus-folder';
import { Pipeline } from './pipeline';
import { runCase, targets } from './targets';

/** Cases in `npm test`; `npm run fuzz` runs as many as it is told. */
const cases = 600;
const seed = 20_261_123;

let pipeline: Pipeline;
beforeAll(() => {
  pipeline = new Pipeline();
});
afterAll(() => {
  pipeline.stop();
});

describe('hostile input', () => {
  if (!corpusPresent) it.skip('has no real bodies to change: the corpus is not at ../shared/corpus', () => undefined);

  it.each(targets)('keeps every promise: $name', async ({ name, share }) => {
    const outcomes = new Set<string>();
    const count = share === 0 ? cases : Math.max(60, Math.round((cases * share) / 100));
    for (let caseNumber = 0; caseNumber < count; caseNumber += 1) {
      outcomes.add((await runCase(pipeline, seed, caseNumber, name)).outcome);
    }
    expect(outcomes.size).toBeGreaterThan(0);
  });
});

describe('the run itself', () => {
  const restore: (() => void)[] = [];
  afterEach(() => {
    for (const undo of restore.splice(0)) undo();
  });

  /** Runs cases of a target until one fails, with a handler that does something wrong. */
  async function firstFinding(target: string): Promise<string> {
    for (let caseNumber = 0; caseNumber < 400; caseNumber += 1) {
      try {
        await runCase(pipeline, seed, caseNumber, target);
      } catch (error) {
        return String(error);
      }
    }
    return 'nothing found';
  }

  function plant<Name extends keyof Pipeline['handlers']>(
    name: Name,
    faulty: (real: Pipeline['handlers'][Name]) => Pipeline['handlers'][Name],
  ): void {
    const real = pipeline.handlers[name];
    restore.push(() => (pipeline.handlers[name] = real));
    pipeline.handlers[name] = faulty(real);
  }

  it('gives the same outcome for the same seed and case', async () => {
    const run = async () => {
      const outcomes: string[] = [];
      for (let caseNumber = 0; caseNumber < 40; caseNumber += 1) outcomes.push(JSON.stringify(await runCase(pipeline, 5, caseNumber)));
      return outcomes;
    };
    expect(await run()).toEqual(await run());
  });

  it('finds a receiver that takes what nobody signed', async () => {
    plant('receiver', () => () => Promise.resolve({ statusCode: 200, headers: {}, body: '{"requestId":"request-1"}' }));
    expect(await firstFinding('unsigned webhook')).toContain('answered 200');
    expect(await firstFinding('forged webhook')).toContain('was answered 200');
  });

  it('finds a receiver that writes a header to its log', async () => {
    plant('receiver', (real) => (event, context) => {
      process.stdout.write(`${JSON.stringify(event.multiValueHeaders)}\n`);
      return real(event, context);
    });
    expect(await firstFinding('unsigned webhook')).toContain('the log shows canary');
  });

  it('finds a receiver that answers without storing', async () => {
    plant('receiver', (real) => async (event, context) => {
      const answer = await real(event, context);
      pipeline.aws.rows.clear();
      return answer;
    });
    expect(await firstFinding('genuine webhook')).toContain('genuine webhook: ');
  });

  it('finds a receiver that stores other bytes than were sent', async () => {
    plant('receiver', (real) => (event, context) => real({ ...event, body: event.body?.replace(/\s+$/, '') ?? null }, context));
    expect(await firstFinding('genuine webhook')).toContain('genuine webhook: ');
  });

  it('finds a batch that fails as a whole', async () => {
    const all: Pipeline['handlers']['processor'] = ({ Records: records }) =>
      Promise.resolve({ batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) });
    plant('processor', () => all);
    plant('notifier', () => all);
    expect(await firstFinding('processing queue')).toContain('failed with its neighbour');
    expect(await firstFinding('notification queue')).toContain('failed with its neighbour');
  });

  it('finds a relay that loses a record', async () => {
    plant(
      'relay',
      (real) =>
        ({ Records: records }) =>
          real({ Records: records.slice(0, -1) }),
    );
    expect(await firstFinding('stream to relay')).toContain('not relayed once');
  });

  it('finds an audit that was not written', async () => {
    plant('audit', (real) => async (event) => {
      const answer = await real(event);
      pipeline.aws.objects.splice(0, pipeline.aws.objects.length);
      return answer;
    });
    expect(await firstFinding('stream to audit')).toContain('stream to audit: ');
  });

  it('finds an alert that shows a card number', async () => {
    plant('notifier', (real) => async (event) => {
      const answer = await real(event);
      const planted = { Subject: 'Payment failed', Message: 'card 4242 4242 4242 4242' };
      pipeline.aws.alerts.push({ ...planted, TopicArn: 'topic' });
      return answer;
    });
    expect(await firstFinding('genuine webhook')).toContain('an alert shows 4242 4242 4242 4242');
  });
});

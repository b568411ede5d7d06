import http from 'node:http';
import { text } from 'node:stream/consumers';
import { compare, inTurns, quantile, type Comparison, type Figure } from './figure';
import { bundleBaseline, loadHandler, mustBeOk, quietly, stripeEvent, type BenchStage, type Handler } from './stage';

const contestants = ['ours', 'plain', 'limit'] as const;
type Contestant = (typeof contestants)[number];

/** Prepares a round and answers its call. */
type Caller = () => () => Promise<void>;

interface Latencies {
  /** What this process spends on one webhook, which a busy machine changes less. */
  readonly cpuMs: number[];
  readonly p50: number[];
  readonly p99: number[];
}

/** From a webhook in the handler's hands to its answer, over a stub AWS: 5 ms for the table, 25 ms for the object, 8 ms for the queue. */
export async function benchAck(stage: BenchStage, quick: boolean): Promise<readonly Figure[]> {
  const calls: Readonly<Record<Contestant, Caller>> = {
    ours: callerOf(loadHandler(stage.bundleOf('webhook-receiver'), stage)),
    plain: callerOf(loadHandler(await bundleBaseline(stage, 'plain-receiver', 'defaults'), stage)),
    limit: rawPut(stage.endpoint),
  };
  return quietly(async () => {
    for (const name of contestants) await latenciesOf(calls[name](), 300, 8);
    const one = await measured(calls, 1, quick ? 5 : 15, quick ? 40 : 150);
    const many = await measured(calls, 64, quick ? 5 : 15, quick ? 320 : 960);
    return [...figuresOf(one, 'one in flight'), ...figuresOf(many, '64 in flight')];
  });
}

async function measured(calls: Readonly<Record<Contestant, Caller>>, inFlight: number, rounds: number, count: number) {
  const found: Record<Contestant, Latencies> = {
    ours: { p50: [], p99: [], cpuMs: [] },
    plain: { p50: [], p99: [], cpuMs: [] },
    limit: { p50: [], p99: [], cpuMs: [] },
  };
  await inTurns(rounds, contestants, async (name) => {
    const call = calls[name]();
    const before = process.cpuUsage();
    const latencies = await latenciesOf(call, count, inFlight);
    const { user, system } = process.cpuUsage(before);
    found[name].cpuMs.push((user + system) / 1000 / count);
    found[name].p50.push(quantile(latencies, 0.5));
    found[name].p99.push(quantile(latencies, 0.99));
  });
  return found;
}

function figuresOf(found: Readonly<Record<Contestant, Latencies>>, what: string): readonly Figure[] {
  return (['p50', 'p99', 'cpuMs'] as const).flatMap((share) => {
    const about = {
      bench: 'ack',
      what: `${share === 'cpuMs' ? 'CPU per webhook' : share}, ${what}`,
      unit: 'ms',
      ours: found.ours[share],
    } as const;
    const limit: Comparison = { ...about, baseline: 'one raw put', theirs: found.limit[share] };
    const plain: Comparison = { ...about, baseline: 'plain receiver', theirs: found.plain[share], direction: 'theirs/ours' };
    const goals = share === 'p50';
    return [compare(goals ? { ...limit, goal: { atMost: 1.5 } } : limit), compare(goals ? { ...plain, goal: { atLeast: 5 } } : plain)];
  });
}

async function latenciesOf(call: () => Promise<void>, count: number, inFlight: number): Promise<readonly number[]> {
  const latencies: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const started = performance.now();
      await call();
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return latencies;
}

/** Webhooks are signed ahead, for the sender's work is not the receiver's; and for each round anew, for signatures age. */
function callerOf(handler: Handler): Caller {
  return () => {
    const events = Array.from({ length: 64 }, stripeEvent);
    let next = 0;
    return async () => {
      next += 1;
      mustBeOk(await handler(events[next % events.length], { awsRequestId: String(next) }));
    };
  };
}

/** The least that a durable answer can cost: one request on a connection that is open, unsigned, of the row's size. */
function rawPut(endpoint: string): Caller {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const body = Buffer.alloc(2000, 'x');
  const headers = {
    'X-Amz-Target': 'DynamoDB_20120810.PutItem',
    'Content-Type': 'application/x-amz-json-1.0',
    'Content-Length': body.length,
  };
  return () => () =>
    new Promise((resolve, reject) => {
      const request = http.request(endpoint, { method: 'POST', agent, headers }, (response) => {
        text(response).then(() => {
          resolve();
        }, reject);
      });
      request.once('error', reject);
      request.end(body);
    });
}

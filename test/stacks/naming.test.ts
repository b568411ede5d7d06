import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { arnsOf, functionNames, namesOf, stackIds } from '../../stacks/naming';

const longest = 'x'.repeat(20);
const names = namesOf(longest, '123456789012');

describe('names', () => {
  it('know every function folder and no other', () => {
    const functions = join(__dirname, '../../functions');
    const folders = readdirSync(functions).filter((name) => existsSync(join(functions, name, 'env.ts')));
    expect([...functionNames].sort()).toEqual(folders.sort());
  });

  it('fit into what AWS allows with the longest suffix', () => {
    for (const bucket of [names.archiveBucket, names.auditBucket]) expect(bucket.length).toBeLessThanOrEqual(63);
    for (const name of functionNames) expect(names.ofFunction(name).length).toBeLessThanOrEqual(64);
    expect(names.apiAccountRole.length).toBeLessThanOrEqual(64);
    expect(names.busArchive.length).toBeLessThanOrEqual(48);
    for (const rule of ['high-value', 'standard']) expect(names.ofRule(rule).length).toBeLessThanOrEqual(64);
    const queues = [
      `${names.notificationQueue}-dead-letters`,
      names.auditDeadLetters,
      names.routingDeadLetters,
      names.deliveryDeadLetters,
      `${names.forwardingQueue}-dead-letters`,
    ];
    for (const queue of queues) expect(queue.length).toBeLessThanOrEqual(80);
  });

  it('tell environments apart', () => {
    const flat = (suffix: string) => Object.values(namesOf(suffix, '1')).filter((name) => typeof name === 'string');
    expect(flat('dev').filter((name) => flat('prod').includes(name))).toEqual([]);
    expect(Object.values(stackIds('dev')).filter((id) => Object.values(stackIds('prod')).includes(id))).toEqual([]);
  });

  it('make ARNs of the place', () => {
    const arns = arnsOf({ suffix: 'dev', region: 'eu-west-1', accountId: '123456789012' });
    expect(arns.bus).toBe('arn:aws:events:eu-west-1:123456789012:event-bus/payment-events-dev');
    expect(arns.topics).toContain('arn:aws:sns:eu-west-1:123456789012:payment-alerts-dev');
    expect(arns.logGroups).toContain('arn:aws:logs:eu-west-1:123456789012:log-group:/aws/events/standard-payments-dev');
  });
});

import { describe, expect, it } from '@jest/globals';
import { estimate, totalOf, type CostLine } from '../../../scripts/cost/estimate';
import { savingsOf } from '../../../scripts/cost/levers';
import { pricesOf } from '../../../scripts/cost/prices';
import type { StackQuantities } from '../../../scripts/cost/stack-quantities';

const prices = pricesOf('ap-southeast-1');
const million = 1_000_000;

const stacks = (parts: Partial<StackQuantities> = {}): StackQuantities => ({
  functions: ['webhook-receiver', 'event-relay', 'event-processor', 'notification-handler', 'audit-logger', 'health-check'].map((name) => ({
    name,
    memoryMb: 512,
    isTraced: true,
  })),
  natGateways: 1,
  publicAddresses: 1,
  endpointZones: 0,
  webAcls: 1,
  webAclRules: 7,
  keys: 2,
  secrets: 4,
  alarmMetrics: 50,
  dashboards: 1,
  tableIndexes: 1,
  queueTriggers: 2,
  logRetentionDays: 30,
  isApiTraced: true,
  hasExecutionLog: true,
  ...parts,
});

const line = (lines: readonly CostLine[], id: string): CostLine | undefined => lines.find(({ price }) => price.id === id);
const variable = (id: string, parts: Partial<StackQuantities> = {}) => line(estimate(million, stacks(parts), prices).variable, id);
const fixed = (id: string, parts: Partial<StackQuantities> = {}) => line(estimate(million, stacks(parts), prices).fixed, id);

describe('estimate', () => {
  it('charges an API request, an event on the bus and three queue requests per event, and the queue requests of alerts', () => {
    expect(variable('api-requests')).toMatchObject({ quantity: million, usd: 4.25 });
    expect(variable('eventbridge-events')?.quantity).toBe(million);
    expect(variable('sqs-requests')?.quantity).toBeCloseTo(3_030_000);
  });

  it('charges the row twice, its indexes, the entry that is removed, and two writes per alert', () => {
    expect(variable('dynamodb-writes')?.quantity).toBeCloseTo(8_020_000);
    expect(variable('dynamodb-writes', { tableIndexes: 2 })?.quantity).toBeCloseTo(9_020_000);
  });

  it('charges compute by the memory of the stacks', () => {
    const [one, two] = [512, 1024].map((memoryMb) => {
      const functions = stacks().functions.map((each) => ({ ...each, memoryMb }));
      return variable('lambda-compute', { functions })?.usd ?? 0;
    });
    expect(two).toBeCloseTo(2 * (one ?? 0));
  });

  it('records every request below one a second, and 5 % of what is above', () => {
    const traces = (events: number) => line(estimate(events, stacks(), prices).variable, 'xray-traces')?.quantity ?? 0;
    expect(traces(1000)).toBeCloseTo(4010);
    const perSecond = 730 * 3600;
    expect(traces(3 * perSecond)).toBeCloseTo(4 * perSecond * 1.1 + 3 * perSecond * 0.01);
  });

  it('grows in proportion to the events but for the traces, and leaves the fixed part alone', () => {
    const untraced = stacks({ isApiTraced: false, functions: stacks().functions.map((one) => ({ ...one, isTraced: false })) });
    const [one, ten] = [estimate(million, untraced, prices), estimate(10 * million, untraced, prices)];
    expect(totalOf(ten.variable)).toBeCloseTo(10 * totalOf(one.variable));
    expect(ten.fixed).toEqual(one.fixed);
  });

  it('charges gateways, addresses and endpoints by the hour', () => {
    expect(fixed('nat-hours', { natGateways: 2 })?.usd).toBeCloseTo(2 * 730 * 0.059);
    expect(fixed('endpoint-hours', { endpointZones: 10 })?.usd).toBeCloseTo(10 * 730 * 0.013);
    expect(fixed('nat-hours', { natGateways: 0 })).toBeUndefined();
  });

  it('sends calls through the endpoints where there are some', () => {
    expect([variable('nat-data')?.quantity, variable('endpoint-data')]).toEqual([12, undefined]);
    expect([variable('nat-data', { endpointZones: 10 }), variable('endpoint-data', { endpointZones: 10 })?.quantity]).toEqual([
      undefined,
      12,
    ]);
  });

  it('refuses a function that the assumptions do not know', () => {
    const functions = [{ name: 'new-function', memoryMb: 128, isTraced: true }];
    expect(() => estimate(1, stacks({ functions }), prices)).toThrow('says nothing about the function new-function');
  });
});

describe('savingsOf', () => {
  const savings = (parts: Partial<StackQuantities> = {}) =>
    new Map(
      savingsOf(million, stacks(parts), prices).map(({ what, usd }) => [
        what.split(/[ ,]/)[0] === 'no' ? what : what.replace(/,.*$/, ''),
        usd,
      ]),
    );

  it('tells what a lever saves, the largest first', () => {
    const amounts = savingsOf(million, stacks(), prices).map(({ usd }) => usd);
    expect(amounts).toEqual(amounts.toSorted((a, b) => b - a));
    expect(savings({ natGateways: 2, publicAddresses: 2 }).get('`network.natGateways: 1`')).toBeCloseTo(730 * (0.059 + 0.005));
    expect(savings().get('no `webAcl`')).toBeCloseTo(5 + 7 + 0.6);
  });

  it('tells that endpoints in place of one NAT gateway cost more', () => {
    expect(savings().get('`network.natGateways: 0`')).toBeLessThan(0);
  });

  it('leaves out a lever that is pulled already', () => {
    expect([...savings({ webAcls: 0, webAclRules: 0, natGateways: 1 }).keys()]).not.toContain('no `webAcl`');
    expect([...savings().keys()]).not.toContain('`logRetentionDays: 30`');
  });
});

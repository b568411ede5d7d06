import { describe, expect, it } from '@jest/globals';
import { isObject, parseJson, type Json } from '../../../scripts/local/json';
import { stackQuantities } from '../../../scripts/cost/stack-quantities';
import type { SynthesizedBlock, SynthesizedStack } from '../../../scripts/local/synthesized-stacks';
import { synthesized } from '../../stacks/synthesized';

function stackOf(resources: readonly SynthesizedBlock[]): SynthesizedStack {
  return { name: 's', folder: '/', resources, data: [], outputs: {}, locals: {}, variables: {}, backend: undefined, region: undefined };
}

/** The stacks of an environment as the scripts read them. */
function stacksOf(suffix: string): readonly SynthesizedStack[] {
  const { state, data, pipeline } = synthesized(suffix);
  return [state, data, pipeline].map(({ resource }) => {
    const byType: Json = parseJson(JSON.stringify(resource));
    const blocks = Object.entries(isObject(byType) ? byType : {}).flatMap(([type, byId]) =>
      Object.entries(isObject(byId) ? byId : {}).map(([id, config]) => ({ type, id, config: isObject(config) ? config : {} })),
    );
    return stackOf(blocks);
  });
}

describe('stackQuantities', () => {
  it('counts what prod pays for', () => {
    const counted = stackQuantities(stacksOf('prod'));
    expect(counted).toMatchObject({ natGateways: 2, publicAddresses: 2, endpointZones: 0, webAcls: 1, keys: 2, secrets: 4, dashboards: 1 });
    expect(counted).toMatchObject({ tableIndexes: 2, queueTriggers: 2, logRetentionDays: 400, isApiTraced: true, hasExecutionLog: true });
    expect(counted.functions).toContainEqual({ name: 'webhook-receiver', memoryMb: 512, isTraced: true });
    expect(counted.functions).toHaveLength(7);
  });

  it('sees what an environment leaves out', () => {
    expect(stackQuantities(stacksOf('dev'))).toMatchObject({ natGateways: 1, logRetentionDays: 30 });
  });

  it('counts each metric that an alarm reads, and each zone of an interface endpoint', () => {
    const alarm = (config: SynthesizedBlock['config']) => ({ type: 'aws_cloudwatch_metric_alarm', id: 'a', config });
    const endpoint = (config: SynthesizedBlock['config']) => ({ type: 'aws_vpc_endpoint', id: 'e', config });
    const counted = stackQuantities([
      stackOf([
        alarm({ metric_name: 'Errors' }),
        alarm({
          metric_query: [
            { id: 'rate', expression: 'm1/m2' },
            { id: 'm1', metric: {} },
            { id: 'm2', metric: {} },
          ],
        }),
        endpoint({ vpc_endpoint_type: 'Interface', subnet_ids: ['a', 'b'] }),
        endpoint({ vpc_endpoint_type: 'Gateway' }),
      ]),
    ]);
    expect([counted.alarmMetrics, counted.endpointZones]).toEqual([3, 2]);
  });
});

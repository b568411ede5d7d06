import { describe, expect, it } from '@jest/globals';
import { enableMappings, mappingsOf } from '../../../scripts/ops/mappings';
import { stageState } from '../../../scripts/ops/pause';
import { awsFault, fakePatient, type Answers } from './doctor/fake-patient';

function target(answers: Answers) {
  return fakePatient(answers).target;
}

describe('event source mappings', () => {
  it('are asked for by the ARN of the function, page by page', async () => {
    const asked: unknown[] = [];
    const found = await mappingsOf(
      target({
        ListEventSourceMappings: (input: { Marker?: string }) => {
          asked.push(input);
          return input.Marker === undefined
            ? { EventSourceMappings: [{ UUID: '1' }], NextMarker: 'more' }
            : { EventSourceMappings: [{ UUID: '2' }] };
        },
      }),
      'event-processor',
    );
    expect(found.map(({ UUID }) => UUID)).toEqual(['1', '2']);
    const FunctionName = 'arn:aws:lambda:ap-southeast-1:123456789012:function:event-processor-prod';
    expect(asked).toEqual([{ FunctionName }, { FunctionName, Marker: 'more' }]);
  });

  it('are none of a function that is not there', async () => {
    const answers = { ListEventSourceMappings: awsFault('ResourceNotFoundException') };
    expect(await mappingsOf(target(answers), 'alert-forwarder')).toEqual([]);
  });

  it('are switched by their id', async () => {
    const updates: unknown[] = [];
    const states = await enableMappings(
      target({
        ListEventSourceMappings: { EventSourceMappings: [{ UUID: 'uuid-1' }] },
        UpdateEventSourceMapping: (input: unknown) => {
          updates.push(input);
          return { State: 'Disabling' };
        },
      }),
      'event-processor',
      false,
    );
    expect([updates, states]).toEqual([[{ UUID: 'uuid-1', Enabled: false }], ['Disabling']]);
  });

  it('that are gone, or that Lambda is changing already, are an error that says so', async () => {
    await expect(enableMappings(target({ ListEventSourceMappings: {} }), 'event-processor', true)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/^nothing starts event-processor-prod/),
    });
    const busy = {
      ListEventSourceMappings: { EventSourceMappings: [{ UUID: '1' }] },
      UpdateEventSourceMapping: awsFault('ResourceInUseException'),
    };
    await expect(enableMappings(target(busy), 'event-processor', true)).rejects.toThrow('try again in a minute');
  });

  it.each([
    [[], 'absent'],
    [['Enabled'], 'running'],
    [['Updating'], 'running'],
    [['Disabling'], 'pausing'],
    [['Disabled'], 'paused'],
    [['Enabling'], 'resuming'],
  ])('in the states %j are a stage that is %s', async (states, expected) => {
    const EventSourceMappings = states.map((State) => ({ State }));
    expect(await stageState(target({ ListEventSourceMappings: { EventSourceMappings } }), 'event-processor', undefined)).toBe(expected);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ssmClient } from '../../../../functions/shared/aws/clients';
import { ssmPipelineSettings } from '../../../../functions/shared/aws/ssm-pipeline-settings';
import { awsError, startAwsStub } from '../../../support/aws-stub';
import type { AwsStub } from '../../../support/aws-stub';

let aws: AwsStub;
beforeAll(async () => {
  aws = await startAwsStub();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.reset();
});

const settings = { maxAttempts: 1, requestTimeoutMs: 1000 };
const parameter = '/payment-webhook/dev/config';
const valid = { maxRetries: 3, timeoutMs: 30000, highValueThresholds: { default: '10000', JPY: '1500000.5' } };
const answer = (value: unknown) => {
  aws.on('GetParameter', { json: { Parameter: { Value: typeof value === 'string' ? value : JSON.stringify(value) } } });
};

describe('highValueThresholds', () => {
  it('gives the thresholds of the parameter', async () => {
    answer(valid);
    expect(await ssmPipelineSettings(ssmClient(settings), parameter, () => 0).highValueThresholds()).toEqual({
      default: '10000',
      JPY: '1500000.5',
    });
    expect(aws.inputs('GetParameter')).toEqual([{ Name: parameter }]);
  });

  it('asks again after a minute, so that a change needs no deployment', async () => {
    let now = 0;
    const pipeline = ssmPipelineSettings(ssmClient(settings), parameter, () => now);
    answer(valid);
    await pipeline.highValueThresholds();
    answer({ highValueThresholds: { default: '5' } });
    now = 59_999;
    expect(await pipeline.highValueThresholds()).toMatchObject({ default: '10000' });
    now = 60_000;
    expect(await pipeline.highValueThresholds()).toEqual({ default: '5' });
    expect(aws.calls).toHaveLength(2);
  });

  it.each([
    ['no JSON', 'high', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['no thresholds', { maxRetries: 3 }, 'highValueThresholds'],
    ['no default', { highValueThresholds: { USD: '1' } }, 'highValueThresholds.default'],
    ['a number', { highValueThresholds: { default: 10000 } }, 'highValueThresholds.default'],
    ['a negative amount', { highValueThresholds: { default: '-1' } }, 'highValueThresholds.default'],
    ['an exponent', { highValueThresholds: { default: '1e4' } }, 'highValueThresholds.default'],
    // Found by hostile input: it was taken, and then no amount could be compared with it.
    [
      'a number with too many digits',
      { highValueThresholds: { default: `${'9'.repeat(22)}.${'9'.repeat(10)}` } },
      'highValueThresholds.default',
    ],
    ['a bad currency amount', { highValueThresholds: { default: '1', JPY: '1,000' } }, 'highValueThresholds.JPY'],
  ])('throws when the parameter holds %s, and says so', async (_, value, problem) => {
    answer(value);
    const read = ssmPipelineSettings(ssmClient(settings), parameter, () => 0).highValueThresholds();
    await expect(read).rejects.toThrow(`the settings in ${parameter} are not valid: ${problem}`);
  });

  it('keeps no failure: the next call asks again', async () => {
    const pipeline = ssmPipelineSettings(ssmClient(settings), parameter, () => 0);
    aws.on('GetParameter', awsError('ThrottlingException'));
    await expect(pipeline.highValueThresholds()).rejects.toMatchObject({ name: 'ThrottlingException' });
    answer(valid);
    expect(await pipeline.highValueThresholds()).toMatchObject({ default: '10000' });
  });
});

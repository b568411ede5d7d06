import { GetParameterCommand } from '@aws-sdk/client-ssm';
import type { SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import type { Clock, PipelineSettings } from '../domain/ports';
import type { HighValueThresholds } from '../domain/value-band';
import { parsedJson } from './payment-event-schema';

const cachedForMs = 60_000;
/** Never longer than what money is compared with. */
const majorUnits = v.pipe(v.string(), v.regex(/^\d{1,20}(\.\d{1,10})?$/));

const schema: v.GenericSchema<unknown, { readonly highValueThresholds: HighValueThresholds }> = v.object({
  highValueThresholds: v.objectWithRest({ default: majorUnits }, majorUnits),
});

/** The settings in one SSM parameter, cached for 60 seconds. Throws when they cannot be read or are not valid. */
export function ssmPipelineSettings(client: Pick<SSMClient, 'send'>, parameterName: string, clock: Clock): PipelineSettings {
  let cached: { readonly thresholds: HighValueThresholds; readonly readAt: number } | undefined;
  const read = async (): Promise<HighValueThresholds> => {
    const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name: parameterName }));
    const settings = parsedJson(schema, parameter?.Value ?? '');
    if (!settings.ok) throw new Error(`the settings in ${parameterName} are not valid: ${settings.problem}`);
    return settings.value.highValueThresholds;
  };
  return {
    async highValueThresholds() {
      const now = clock();
      if (cached === undefined || now - cached.readAt >= cachedForMs) cached = { thresholds: await read(), readAt: now };
      return cached.thresholds;
    },
  };
}

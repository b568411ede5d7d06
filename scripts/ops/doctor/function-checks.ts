import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  type EventSourceMappingConfiguration,
  type FunctionConfiguration,
} from '@aws-sdk/client-lambda';
import { GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import { functionsOf } from '../../../stacks/naming';
import { functionNameOf } from '../../local/pipeline';
import type { Settings } from '../../local/settings';
import { askControl } from '../local-control';
import { stageFunctions } from '../pause';
import { error, warning, type Check, type Symptom } from './check';
import type { Patient } from './patient';
import { Unanswerable } from './unanswerable';

const day = 86_400_000;

/** When AWS stops to patch a runtime. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const runtimeEnds: Readonly<Record<string, string>> = {
  'nodejs18.x': '2025-09-01',
  'nodejs20.x': '2026-04-30',
  'nodejs22.x': '2027-04-30',
  'nodejs24.x': '2028-04-30',
};

/** Lambda keeps this much of an account's limit for functions that reserve none. */
const unreserved = 100;
/** Lambda's quota of concurrent executions. */
const concurrencyQuota = { ServiceCode: 'lambda', QuotaCode: 'L-B99A9384' };

const synthesizedThere = 'it works by the synthesized stacks themselves';
const elsewhere = 'its functions run in this process, from the build of its start';

/** The functions and what starts them. */
export const functionChecks: readonly Check[] = [
  {
    id: 'function-state',
    title: 'Every function is there and can run',
    notLocal: elsewhere,
    run: functionState,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'function-code',
    title: 'The deployed code is what was built here',
    notLocal: elsewhere,
    run: functionCode,
    mend: (patient) => `npm run build && ${patient.deploy('pipeline')}`,
  },
  {
    id: 'function-settings',
    title: 'The functions have the variables, time and memory that were synthesized',
    notLocal: elsewhere,
    run: functionSettings,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'runtime-end',
    title: "The functions' runtime is patched for another four months",
    notLocal: "it runs on this machine's own Node.js",
    run: runtimeEnd,
    mend: (patient) => `raise the runtime in stacks/constructs/pipeline-function.ts, then ${patient.deploy('pipeline')}`,
  },
  {
    id: 'reserved-concurrency',
    title: 'The account has the concurrency that the functions reserve, and none is throttled to nothing',
    notLocal: 'a laptop has no quota',
    run: reservedConcurrency,
    mend: () => 'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000',
  },
  {
    id: 'mapping-enabled',
    title: 'Every queue and stream starts its function',
    run: mappingEnabled,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'mapping-settings',
    title: 'Batches, concurrency and partial failures of the triggers are what was synthesized',
    notLocal: synthesizedThere,
    run: mappingSettings,
    mend: (patient) => patient.deploy('pipeline'),
  },
];

async function functionState(patient: Patient): Promise<readonly Symptom[]> {
  const functions = await patient.functions();
  const synthesized = patient.expectedIfAny?.of('aws_lambda_function').map((settings) => settings.text('function_name'));
  const names = synthesized ?? functionsOf({ alertEndpoints: false }).map((name) => patient.target.names.ofFunction(name));
  return names.flatMap((name) => stateSymptoms(name, functions.get(name)));
}

function stateSymptoms(name: string, found: FunctionConfiguration | undefined): readonly Symptom[] {
  if (found === undefined) return [error(`there is no function ${name}`)];
  const { State = 'Active', LastUpdateStatus = 'Successful', StateReason = '', LastUpdateStatusReason = '' } = found;
  if (State === 'Failed') return [error(`${name} cannot run: ${StateReason}`)];
  return LastUpdateStatus === 'Failed' ? [error(`the last update of ${name} failed: ${LastUpdateStatusReason}`)] : [];
}

/** Each deployed function with what was synthesized for it. */
async function pairs(patient: Patient) {
  const functions = await patient.functions();
  return patient.expected.of('aws_lambda_function').flatMap((wanted) => {
    const live = functions.get(wanted.text('function_name'));
    return live === undefined ? [] : [{ name: wanted.text('function_name'), wanted, live }];
  });
}

async function functionCode(patient: Patient): Promise<readonly Symptom[]> {
  const found = await pairs(patient);
  return found.flatMap(({ name, wanted, live }) => {
    const built = builtHash(patient, name) ?? wanted.optionalText('source_code_hash');
    if (built === undefined || live.CodeSha256 === built) return [];
    return [warning(`${name} runs other code than was built here (deployed ${short(live.CodeSha256)}, built ${short(built)})`)];
  });
}

/** The hash of the zip that npm run build made, which may be newer than what was synthesized from it. */
function builtHash({ root, target }: Patient, functionName: string): string | undefined {
  const name = functionName.slice(0, -`-${target.suffix}`.length);
  const file = path.join(root, 'dist', `${name}.zip`);
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('base64') : undefined;
}

function short(hash = 'unknown'): string {
  return hash.slice(0, 12);
}

async function functionSettings(patient: Patient): Promise<readonly Symptom[]> {
  const found = await pairs(patient);
  return found.flatMap(({ name, wanted, live }) => {
    const variables = live.Environment?.Variables ?? {};
    const environment = wanted.block('environment', ['variables'])?.map('variables') ?? {};
    const other = Object.entries(environment).filter(([key, value]) => variables[key] !== value);
    const sizes = [
      ...(live.Timeout === wanted.number('timeout', 3) ? [] : [`its timeout is ${String(live.Timeout)} s`]),
      ...(live.MemorySize === wanted.number('memory_size', 128) ? [] : [`its memory is ${String(live.MemorySize)} MB`]),
      ...other.map(
        ([key, value]) =>
          `${key} is ${variables[key] === undefined ? 'missing' : JSON.stringify(variables[key])}, not ${JSON.stringify(value)}`,
      ),
    ];
    return sizes.length === 0 ? [] : [warning(`${name} is not as synthesized: ${sizes.join('; ')}`)];
  });
}

async function runtimeEnd(patient: Patient): Promise<readonly Symptom[]> {
  const byRuntime = new Map<string, string[]>();
  for (const [name, { Runtime = 'unknown' }] of await patient.functions())
    byRuntime.set(Runtime, [...(byRuntime.get(Runtime) ?? []), name]);
  return [...byRuntime].flatMap(([runtime, names]) => {
    const end = runtimeEnds[runtime];
    if (end === undefined) return [warning(`${names.join(', ')}: the end of ${runtime} is not known here`)];
    const left = Math.floor((Date.parse(end) - patient.now) / day);
    if (left < 0) return [error(`${runtime} is patched no more since ${end}: ${names.join(', ')}`)];
    return left < 120 ? [warning(`${runtime} is patched until ${end}, ${left} days from now: ${names.join(', ')}`)] : [];
  });
}

async function reservedConcurrency(patient: Patient): Promise<readonly Symptom[]> {
  const wanted = patient.expected.of('aws_lambda_function').map((settings) => settings.number('reserved_concurrent_executions', -1));
  const reserved = wanted.filter((count) => count > 0).reduce((sum, count) => sum + count, 0);
  const stopped = await stoppedFunctions(patient);
  if (reserved === 0) return stopped;
  const limit = await concurrencyLimit(patient);
  if (reserved <= limit - unreserved) return stopped;
  return [
    ...stopped,
    error(
      `the functions reserve ${reserved} concurrent runs, and of the account's ${limit} only ${Math.max(0, limit - unreserved)} can be reserved`,
    ),
  ];
}

/** A reservation of 0 is how somebody stops a function in the console. */
async function stoppedFunctions(patient: Patient): Promise<readonly Symptom[]> {
  const { lambda } = patient.target.operator;
  const names = [...(await patient.functions()).keys()];
  const found = await Promise.all(
    names.map(async (FunctionName) => {
      const { ReservedConcurrentExecutions: reserved } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
      if (reserved !== 0) return [];
      return [error(`${FunctionName} may not run at all: its reserved concurrency is 0`, startAgain(patient, FunctionName))];
    }),
  );
  return found.flat();
}

function startAgain({ target, expected }: Patient, functionName: string): string {
  const wanted = expected.functionNamed(functionName)?.number('reserved_concurrent_executions', -1) ?? -1;
  const where = `--region ${target.region} --function-name ${functionName}`;
  if (wanted <= 0) return `aws lambda delete-function-concurrency ${where}`;
  return `aws lambda put-function-concurrency ${where} --reserved-concurrent-executions ${wanted}`;
}

async function concurrencyLimit({ target: { operator } }: Patient): Promise<number> {
  try {
    const { AccountLimit } = await operator.lambda.send(new GetAccountSettingsCommand({}));
    if (AccountLimit?.ConcurrentExecutions !== undefined) return AccountLimit.ConcurrentExecutions;
  } catch {
    // Who may not ask Lambda may perhaps ask for the quota.
  }
  const { Quota } = await operator.quotas.send(new GetServiceQuotaCommand(concurrencyQuota));
  if (Quota?.Value === undefined) throw new Unanswerable("the account's concurrency is not told");
  return Quota.Value;
}

async function mappingEnabled(patient: Patient): Promise<readonly Symptom[]> {
  if (patient.target.local !== undefined) return localStages(patient);
  const mappings = await patient.mappings();
  const wanted = patient.expected.of('aws_lambda_event_source_mapping').map((mapping) => functionNameOf(mapping.text('function_name')));
  return wanted.flatMap((name) => {
    const mapping = mappings.find(({ FunctionArn = '' }) => functionNameOf(FunctionArn) === name);
    if (mapping === undefined) return [error(`nothing starts ${name}: its event source mapping is gone`)];
    if (mapping.State === 'Enabled' || mapping.State === 'Enabling' || mapping.State === 'Updating') return [];
    return [stoppedMapping(patient, name, mapping)];
  });
}

function stoppedMapping(patient: Patient, name: string, { State = 'unknown', UUID = '' }: EventSourceMappingConfiguration): Symptom {
  const stage = stageFunctions(patient.target.names).find(({ functionName }) => functionName === name)?.stage;
  const message = `what starts ${name} is ${State.toLowerCase()}: its work piles up`;
  if (stage !== undefined) return error(message, patient.ops(`resume ${stage}`));
  return error(message, `aws lambda update-event-source-mapping --region ${patient.target.region} --enabled --uuid ${UUID}`);
}

async function localStages(patient: Patient): Promise<readonly Symptom[]> {
  const control = await askControl(patient.target, 'GET', '/status');
  if (control === undefined) throw new Unanswerable('this local run cannot be asked');
  return stageFunctions(patient.target.names)
    .filter(({ functionName }) => control.queueTriggers.some((trigger) => trigger.functionName === functionName && trigger.paused))
    .map(({ stage }) => error(`${stage} is paused: its work piles up`, patient.ops(`resume ${stage}`)));
}

async function mappingSettings(patient: Patient): Promise<readonly Symptom[]> {
  const mappings = await patient.mappings();
  return patient.expected.of('aws_lambda_event_source_mapping').flatMap((wanted) => {
    const name = functionNameOf(wanted.text('function_name'));
    const live = mappings.find(({ FunctionArn = '' }) => functionNameOf(FunctionArn) === name);
    if (live === undefined) return [];
    const other = differences(wanted, live);
    return other.length === 0 ? [] : [mappingSymptom(name, other)];
  });
}

function mappingSymptom(name: string, other: readonly string[]): Symptom {
  const lost = other.some((text) => text.startsWith('partial failures'));
  return lost
    ? error(`the trigger of ${name}: ${other.join('; ')}: messages that fail are deleted with the batch`)
    : warning(`the trigger of ${name} is not as synthesized: ${other.join('; ')}`);
}

function differences(wanted: Settings, live: EventSourceMappingConfiguration): readonly string[] {
  const concurrency = wanted.block('scaling_config', ['maximum_concurrency'])?.optionalNumber('maximum_concurrency');
  const compared = [
    ['batch size', wanted.number('batch_size', 10), live.BatchSize],
    ['maximum concurrency', concurrency, live.ScalingConfig?.MaximumConcurrency],
    ['batches per shard', wanted.optionalNumber('parallelization_factor'), live.ParallelizationFactor],
  ] as const;
  const partial = wanted.texts('function_response_types').length > 0 && (live.FunctionResponseTypes ?? []).length === 0;
  return [
    ...compared.flatMap(([what, want, is]) => (want === undefined || want === is ? [] : [`${what} ${String(is ?? 'unset')}, not ${want}`])),
    ...(partial ? ['partial failures are not reported'] : []),
  ];
}

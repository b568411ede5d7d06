import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeLogGroupsCommand, type LogGroup } from '@aws-sdk/client-cloudwatch-logs';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { ssmPipelineSettings } from '../../../functions/shared/aws/ssm-pipeline-settings';
import { parseJsonObject, textAt } from '../../local/json';
import { isErrorNamed } from '../failure';
import { ageText } from '../times';
import { error, warning, type Check, type Symptom } from './check';
import type { StateObject } from './expected';
import type { Patient } from './patient';
import { Unanswerable } from './unanswerable';

const hour = 3_600_000;

/** The settings, the logs, the account, this machine, and what comes in. */
export const accountChecks: readonly Check[] = [
  {
    id: 'account',
    title: 'The credentials are of the account that the pipeline is in',
    notLocal: 'nobody checks credentials on a laptop',
    run: account,
    mend: () => 'set AWS_PROFILE to a profile of that account',
  },
  {
    id: 'clock-skew',
    title: 'The clock of this machine and that of AWS agree',
    notLocal: 'it has one clock',
    run: clockSkew,
    mend: () => 'sudo timedatectl set-ntp true   (or what keeps the time on your system)',
  },
  {
    id: 'parameter',
    title: 'The settings in the parameter can be read as the functions read them',
    run: parameter,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'log-retention',
    title: 'Log groups keep their lines as long as the environment says, encrypted with its key',
    notLocal: 'log lines are in its terminal',
    run: logRetention,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'state-lock',
    title: 'No lock was left on the Terraform state',
    notLocal: 'it has no Terraform state',
    run: stateLocks,
    mend: () => 'terraform force-unlock <id>   (in the folder of the stack, when nobody is applying it)',
  },
  {
    id: 'provider-silent',
    title: 'Every provider that is switched on and has a secret was heard of in the last 7 days',
    notLocal: 'it hears what you send',
    run: silentProviders,
    mend: () => "look for failed deliveries in the provider's dashboard",
  },
];

async function account({ target }: Patient): Promise<readonly Symptom[]> {
  const { Account } = await target.operator.sts.send(new GetCallerIdentityCommand({}));
  return Account === target.accountId
    ? []
    : [error(`the credentials are of the account ${String(Account)}, and the pipeline is in ${target.accountId}`)];
}

/** Signatures of AWS bear 5 minutes, and so do those of the providers. */
async function clockSkew({ target, now }: Patient): Promise<readonly Symptom[]> {
  const answered = await dateOfAnswer(target.operator.sts);
  const skew = now - answered;
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (seconds < 30) return [];
  const message = `the clock of this machine is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} AWS`;
  return [seconds < 300 ? warning(message) : error(`${message}: AWS refuses its signatures`)];
}

async function dateOfAnswer(sts: Patient['target']['operator']['sts']): Promise<number> {
  let date: string | undefined;
  sts.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = headerOf(result.response, 'date') ?? date;
      return result;
    },
    { step: 'deserialize', name: 'dateOfAnswer', override: true },
  );
  await sts.send(new GetCallerIdentityCommand({}));
  const at = Date.parse(date ?? '');
  if (Number.isNaN(at)) throw new Unanswerable('the answer has no date');
  return at;
}

function headerOf(response: unknown, name: string): string | undefined {
  const headers = typeof response === 'object' && response !== null && 'headers' in response ? response.headers : undefined;
  const found = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return typeof found?.[1] === 'string' ? found[1] : undefined;
}

async function parameter({ target, now }: Patient): Promise<readonly Symptom[]> {
  const { configParameter } = target.names;
  try {
    await ssmPipelineSettings(target.operator.ssm, configParameter, () => now).highValueThresholds();
    return [];
  } catch (cause) {
    if (isErrorNamed(cause, 'ParameterNotFound')) return [error(`there is no parameter ${configParameter}: nothing can be processed`)];
    if (cause instanceof Error && cause.name === 'Error') return [error(`${cause.message}: nothing can be processed`)];
    throw cause;
  }
}

async function logRetention(patient: Patient): Promise<readonly Symptom[]> {
  const wanted = patient.expected.of('aws_cloudwatch_log_group').filter((group) => group.optionalText('name') !== undefined);
  const found = await Promise.all(
    wanted.map(async (group) => {
      const name = group.text('name');
      const live = await logGroup(patient, name);
      if (live === undefined) return [error(`there is no log group ${name}`)];
      const days = group.number('retention_in_days', 0);
      return [
        ...(live.retentionInDays === days
          ? []
          : [
              warning(
                `${name} keeps its lines ${live.retentionInDays === undefined ? 'for ever' : `${live.retentionInDays} days`}, not ${days} days`,
              ),
            ]),
        ...(live.kmsKeyId === undefined ? [error(`${name} is not encrypted with the key of the environment`)] : []),
      ];
    }),
  );
  return found.flat();
}

async function logGroup({ target: { operator } }: Patient, name: string): Promise<LogGroup | undefined> {
  const { logGroups = [] } = await operator.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  return logGroups.find(({ logGroupName }) => logGroupName === name);
}

async function stateLocks(patient: Patient): Promise<readonly Symptom[]> {
  const { states } = patient.expected;
  if (states.length === 0) throw new Unanswerable('the state is kept in files on this machine (no STATE_BUCKET)');
  const found = await Promise.all(states.flatMap((state) => [tableLock(patient, state), fileLock(patient, state)]));
  return found.flat();
}

async function tableLock({ target, now }: Patient, { bucket, key, lockTable }: StateObject): Promise<readonly Symptom[]> {
  if (lockTable === undefined) return [];
  const { Item } = await target.dynamodb.send(new GetItemCommand({ TableName: lockTable, Key: { LockID: { S: `${bucket}/${key}` } } }));
  const info = parseJsonObject(Item?.['Info']?.S ?? '');
  if (info === undefined) return [];
  const age = now - Date.parse(textAt(info, 'Created'));
  if (age < hour) return [];
  const id = textAt(info, 'ID');
  return [
    error(
      `${textAt(info, 'Who')} has locked the state ${key} for ${ageText(age)} (${textAt(info, 'Operation')})`,
      `terraform force-unlock ${id}   (in the folder of the stack, when nobody is applying it)`,
    ),
  ];
}

async function fileLock({ target, now }: Patient, { bucket, key }: StateObject): Promise<readonly Symptom[]> {
  try {
    const { LastModified } = await target.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: `${key}.tflock` }));
    const age = now - (LastModified?.getTime() ?? now);
    return age < hour
      ? []
      : [
          error(
            `the lock file of the state ${key} is ${ageText(age)} old`,
            `aws s3 rm s3://${bucket}/${key}.tflock   (when nobody is applying it)`,
          ),
        ];
  } catch (cause) {
    if (isErrorNamed(cause, 'NotFound', 'NoSuchKey')) return [];
    throw cause;
  }
}

async function silentProviders(patient: Patient): Promise<readonly Symptom[]> {
  const found: Symptom[] = [];
  for (const provider of await patient.providers()) {
    const { state } = await patient.secret(provider);
    if (state === 'set' && (await patient.recent(provider)).length === 0)
      found.push(warning(`nothing came from ${provider} in the last 7 days, although it has a secret`));
  }
  return found;
}

import { Lazy } from 'cdktf';
import { Construct } from 'constructs';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { arnsOf, namesOf, type FunctionName, type Place } from '../naming';
import { callLimits, type CallBudget, type CallPolicy } from './call-limits';
import { EncryptedLogGroup } from './encrypted-log-group';
import { FunctionPackage } from './function-package';
import { keyAccess, type KeyUse } from './key-access';
import { networkAccess, type FunctionSubnets } from './network-access';
import { policyDocument, trustPolicy, type Statement } from './policy-document';

/** What all functions of an environment share. */
export interface FunctionDefaults {
  readonly place: Place;
  readonly keyArn: string;
  /** Folder of the zips. */
  readonly packageDirectory: string;
  readonly logLevel: string;
  readonly logRetentionDays: number;
  readonly calls: CallPolicy;
  readonly subnets: FunctionSubnets;
}

/** Variables that the construct computes itself. */
type CallVariables = 'MAX_ATTEMPTS' | 'REQUEST_TIMEOUT_MS';

export interface PipelineFunctionProps<Env extends Readonly<Record<string, string>>> {
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Bounds the AWS calls of one run. */
  readonly budget: CallBudget;
  /** Default: none reserved. */
  readonly reservedConcurrency?: number | undefined;
  readonly environment: Omit<Env, CallVariables>;
  /** The actions that the code uses, on the ARNs that it uses them on. */
  readonly statements: readonly Statement[];
  readonly keyUses: readonly KeyUse[];
}

/** A Lambda function with its package, log group and a role of its own. */
export class PipelineFunction<Env extends Readonly<Record<string, string>>> extends Construct {
  readonly arn: string;
  readonly invokeArn: string;
  readonly name: string;
  readonly timeoutSeconds: number;
  /** What a trigger has to wait for. */
  readonly policy: IamRolePolicy;
  private readonly statements: Statement[];
  private readonly keyUses: Set<KeyUse>;

  constructor(scope: Construct, id: FunctionName, defaults: FunctionDefaults, props: PipelineFunctionProps<Env>) {
    super(scope, id);
    const { place, keyArn, packageDirectory, logLevel, logRetentionDays, subnets } = defaults;
    const names = namesOf(place.suffix, place.accountId);
    this.timeoutSeconds = props.timeoutSeconds;
    this.keyUses = new Set(props.keyUses);

    const logGroup = new EncryptedLogGroup(this, 'log-group', { name: names.functionLog(id), keyArn, retentionDays: logRetentionDays });
    this.statements = [...ownStatements(logGroup.arn), ...networkAccess(arnsOf(place).ofFunction(id)), ...props.statements];

    const role = new IamRole(this, 'role', { name: names.ofFunction(id), assumeRolePolicy: trustPolicy('lambda.amazonaws.com') });
    this.policy = new IamRolePolicy(this, 'policy', {
      name: 'function',
      role: role.name,
      policy: Lazy.stringValue({
        produce: () => policyDocument([...this.statements, ...keyAccess(keyArn, place.region, this.keyUses)]),
      }),
    });

    const code = new FunctionPackage(this, 'package', { directory: packageDirectory, name: id });
    const lambda = new LambdaFunction(this, 'function', {
      functionName: names.ofFunction(id),
      description: props.description,
      role: role.arn,
      filename: code.path,
      sourceCodeHash: code.sourceCodeHash,
      handler: 'index.handler',
      runtime: 'nodejs22.x',
      architectures: ['arm64'],
      timeout: props.timeoutSeconds,
      memorySize: props.memoryMb,
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
      environment: { variables: variablesOf(names.ofFunction(id), defaults, props) },
      kmsKeyArn: keyArn,
      loggingConfig: { logFormat: 'JSON', logGroup: logGroup.name, applicationLogLevel: logLevel, systemLogLevel: 'WARN' },
      tracingConfig: { mode: 'Active' },
      vpcConfig: { subnetIds: [...subnets.subnetIds], securityGroupIds: [...subnets.securityGroupIds] },
      dependsOn: [this.policy],
    });
    this.arn = lambda.arn;
    this.invokeArn = lambda.invokeArn;
    this.name = lambda.functionName;
  }

  /** Adds what a trigger needs to the function's role. */
  allow(statements: readonly Statement[], keyUses: readonly KeyUse[]): void {
    this.statements.push(...statements);
    for (const use of keyUses) this.keyUses.add(use);
  }
}

function variablesOf<Env extends Readonly<Record<string, string>>>(
  functionName: string,
  { calls, logLevel }: FunctionDefaults,
  { environment, budget }: PipelineFunctionProps<Env>,
): Record<string, string> {
  const { attempts, requestTimeoutMs } = callLimits(calls, budget);
  return {
    ...environment,
    MAX_ATTEMPTS: String(attempts),
    REQUEST_TIMEOUT_MS: String(requestTimeoutMs),
    POWERTOOLS_SERVICE_NAME: functionName,
    POWERTOOLS_METRICS_NAMESPACE: 'PaymentWebhooks',
    POWERTOOLS_LOG_LEVEL: logLevel,
  };
}

function ownStatements(logGroupArn: string): readonly Statement[] {
  return [
    { Sid: 'WriteLogs', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `${logGroupArn}:*` },
    // X-Ray knows no resources.
    { Sid: 'WriteTraces', Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
  ];
}

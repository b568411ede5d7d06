import type { Statement } from './policy-document';

/** Where functions run. */
export interface FunctionSubnets {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

const networkInterfaceActions = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Lets Lambda attach a function to the network, which it does in the name of the function's role, and keeps the function's own code
 * from doing the same: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
export function networkAccess(functionArn: string): readonly Statement[] {
  return [
    { Sid: 'AttachToNetwork', Effect: 'Allow', Action: networkInterfaceActions, Resource: '*' },
    {
      Sid: 'NotByTheCode',
      Effect: 'Deny',
      Action: networkInterfaceActions,
      Resource: '*',
      Condition: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
    },
  ];
}

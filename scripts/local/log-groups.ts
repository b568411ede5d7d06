import type { Place } from './provisioning';

/**
 * Makes a log group, so that a rule can deliver to it. By hand, because this is the only call to CloudWatch Logs here and its client is
 * not among the dependencies. An existing group is left as it is.
 */
export async function createLogGroup(endpoint: string, { region }: Place, logGroupName: string): Promise<void> {
  const scope = `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}/${region}/logs/aws4_request`;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.CreateLogGroup',
      // An emulator reads the service from it and checks no signature.
      authorization: `AWS4-HMAC-SHA256 Credential=local/${scope}, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify({ logGroupName }),
  });
  if (response.ok) return;
  const answer = await response.text();
  if (!answer.includes('ResourceAlreadyExistsException')) throw new Error(`the log group was not made: ${answer.slice(0, 300)}`);
}

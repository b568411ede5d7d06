import { at, entries } from '../synthesized';
import { each, ofType, referred, resource, type Rule } from './rule';

const functionWith = (properties: Readonly<Record<string, unknown>>) => resource('aws_lambda_function', 'bad/function', properties);

function variableNames(lambda: Readonly<Record<string, unknown>>): readonly string[] {
  return entries(at(lambda, 'environment', 'variables')).map(([name]) => name);
}

export const functionRules: readonly Rule[] = [
  {
    id: 'runtime',
    what: 'every function runs on nodejs22.x and arm64',
    knownAs: ['CKV_AWS_363', 'Lambda.2'],
    check: each(
      'aws_lambda_function',
      (lambda) => lambda['runtime'] === 'nodejs22.x' && JSON.stringify(lambda['architectures']) === '["arm64"]',
      'another runtime: nodejs20.x ended in April 2026 though the provider takes it',
    ),
    bad: [[functionWith({ runtime: 'nodejs20.x', architectures: ['arm64'] })], [functionWith({ runtime: 'nodejs22.x' })]],
  },
  {
    id: 'function-logs',
    what: 'every function logs JSON to a log group of ours',
    check: each(
      'aws_lambda_function',
      (lambda, resources) =>
        at(lambda, 'logging_config', 'log_format') === 'JSON' &&
        referred(resources, at(lambda, 'logging_config', 'log_group'))?.type === 'aws_cloudwatch_log_group',
      'Lambda would make a log group without retention or key',
    ),
    bad: [[functionWith({ logging_config: { log_format: 'JSON', log_group: '/aws/lambda/x' } })], [functionWith({})]],
  },
  {
    id: 'function-tracing',
    what: 'every function is traced',
    knownAs: ['CKV_AWS_50', 'Lambda.7'],
    check: each('aws_lambda_function', (lambda) => at(lambda, 'tracing_config', 'mode') === 'Active', 'not traced'),
    bad: [[functionWith({ tracing_config: { mode: 'PassThrough' } })]],
  },
  {
    id: 'function-code-hash',
    what: 'a change of code is a change of the plan',
    check: each(
      'aws_lambda_function',
      (lambda) => /^[A-Za-z0-9+/]{43}=$/.test(String(lambda['source_code_hash'])),
      'new code would not be deployed',
    ),
    bad: [[functionWith({ filename: 'x.zip' })]],
  },
  {
    id: 'paypal-trust',
    what: 'no function trusts a PayPal certificate of our own making',
    check: (resources) =>
      ofType(resources, 'aws_lambda_function')
        .filter(({ properties }) => variableNames(properties).some((name) => name.includes('TRUST')))
        .map(({ path }) => ({ place: path, why: 'forged PayPal webhooks would be taken' })),
    bad: [[functionWith({ environment: { variables: { PAYPAL_LOCAL_TRUST: '{"rootPem":"x"}' } } })]],
  },
  {
    id: 'no-local-origin',
    what: 'no function sends API keys anywhere but to the providers',
    check: (resources) =>
      ofType(resources, 'aws_lambda_function')
        .filter(({ properties }) => variableNames(properties).some((name) => name.includes('LOCAL') || name.includes('ORIGIN')))
        .map(({ path }) => ({ place: path, why: 'a variable of the local run is set' })),
    bad: [[functionWith({ environment: { variables: { PROVIDER_API_LOCAL_ORIGIN: 'http://127.0.0.1:4567' } } })]],
  },
  {
    id: 'no-endpoint-override',
    what: 'no function sends its AWS calls anywhere but to AWS',
    check: (resources) =>
      ofType(resources, 'aws_lambda_function')
        .filter(({ properties }) => variableNames(properties).some((name) => name.startsWith('AWS_')))
        .map(({ path }) => ({ place: path, why: 'an AWS_ variable is set' })),
    bad: [[functionWith({ environment: { variables: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' } } })]],
  },
];

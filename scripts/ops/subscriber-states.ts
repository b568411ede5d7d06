import { DescribeConnectionCommand, ListRulesCommand, ListTargetsByRuleCommand, type Rule } from '@aws-sdk/client-eventbridge';
import type { Target } from './target';

/** A consumer of payment events that has a rule, and whether its HTTPS endpoint may be called. */
export interface SubscriberState {
  readonly name: string;
  readonly kind: 'queue' | 'function' | 'bus' | 'https';
  readonly enabled: boolean;
  readonly targetArn: string;
  /** When the secret was set, as ISO 8601; null when it never was; undefined for targets that have none. */
  readonly authorizedAt?: string | null;
  /** Header that carries the secret. */
  readonly header?: string;
}

/** First words of a connection's description once its secret is set; Terraform writes others, and never looks again. */
export const authorizedSince = 'Authorized since ';

/** What the stacks call the target of a subscriber's rule. */
const targetId = 'subscriber';

const kinds: Readonly<Record<string, SubscriberState['kind']>> = { sqs: 'queue', lambda: 'function' };

/** Every subscriber on the environment's bus. A rule or target that somebody else made is passed over. */
export async function subscriberStates(target: Target): Promise<readonly SubscriberState[]> {
  const states = await Promise.all((await rulesOf(target)).map((rule) => stateOf(target, rule)));
  return states.flat().toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

async function rulesOf({ operator: { events }, names }: Target): Promise<readonly Rule[]> {
  const rules: Rule[] = [];
  let NextToken: string | undefined;
  do {
    const page = await events.send(
      new ListRulesCommand({ EventBusName: names.bus, NamePrefix: 'payment-', ...(NextToken !== undefined && { NextToken }) }),
    );
    rules.push(...(page.Rules ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return rules;
}

async function stateOf(target: Target, { Name: ruleName = '', State }: Rule): Promise<readonly SubscriberState[]> {
  const { Targets = [] } = await target.operator.events.send(
    new ListTargetsByRuleCommand({ Rule: ruleName, EventBusName: target.names.bus }),
  );
  const targetArn = Targets.find(({ Id }) => Id === targetId)?.Arn;
  const name = /^payment-(.+)$/.exec(ruleName)?.[1]?.replace(new RegExp(`-${target.suffix}$`), '');
  if (targetArn === undefined || name === undefined || ruleName !== target.names.ofRule(name)) return [];
  const [, , service = '', , , resource = ''] = targetArn.split(':');
  const state = { name, enabled: State !== 'DISABLED', targetArn };
  if (!resource.startsWith('api-destination/')) return [{ ...state, kind: kinds[service] ?? 'bus' }];
  return [{ ...state, kind: 'https', ...(await connectionOf(target, ruleName)) }];
}

/** Of a connection: its header, and when its secret was set. Throws ResourceNotFoundException when there is no connection with this name. */
export async function connectionOf(
  { operator: { events } }: Target,
  Name: string,
): Promise<{ readonly header: string; readonly authorizedAt: string | null }> {
  const { AuthParameters, Description = '' } = await events.send(new DescribeConnectionCommand({ Name }));
  return {
    header: AuthParameters?.ApiKeyAuthParameters?.ApiKeyName ?? '',
    authorizedAt: Description.startsWith(authorizedSince) ? Description.slice(authorizedSince.length) : null,
  };
}

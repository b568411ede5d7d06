import { AwsError, UnknownCallError } from '../aws-error';
import { type EventMatcher, parsePattern, PatternError } from '../event-pattern';
import type { Account } from '../service';

/** Where a rule's events go, and what happens when they do not arrive. */
export interface Target {
  Id: string;
  Arn: string;
  RoleArn?: string | undefined;
  DeadLetterConfig?: { Arn?: string | undefined } | undefined;
  RetryPolicy?: { MaximumRetryAttempts?: number | undefined; MaximumEventAgeInSeconds?: number | undefined } | undefined;
}

/** A rule with its targets. */
export interface Rule {
  name: string;
  arn: string;
  busName: string;
  pattern: string;
  matches: EventMatcher;
  state: 'ENABLED' | 'DISABLED';
  description: string | undefined;
  targets: Map<string, Target>;
}

/** An event bus. */
export interface Bus {
  name: string;
  arn: string;
  createdAt: number;
  rules: Map<string, Rule>;
}

/** Compiles a pattern, with the error that EventBridge gives for a bad one. */
export function compileOrRefuse(pattern: string): EventMatcher {
  try {
    return parsePattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    if (error.message.includes('does not know')) throw new UnknownCallError(`the match type cidr of event patterns`);
    throw new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${error.message}`);
  }
}

/** The error for a bus, rule or archive that is not there. */
export function doesNotExist(what: string): AwsError {
  return new AwsError('ResourceNotFoundException', `${what} does not exist.`);
}

/** Buses and rules of an account. */
export interface Buses {
  create(name: string): Bus;
  remove(name: string): void;
  /** By name or ARN; the default bus where neither is given. */
  find(nameOrArn: string | undefined): Bus | undefined;
  get(nameOrArn: string | undefined): Bus;
  all(): Bus[];
  rule(name: string, bus: string | undefined): Rule;
  putRule(name: string, bus: string | undefined, settings: Pick<Rule, 'pattern' | 'state' | 'description'>): Rule;
}

function busName(nameOrArn: string | undefined): string {
  return nameOrArn?.includes(':event-bus/') === true ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : (nameOrArn ?? 'default');
}

/** An account with the default bus alone. */
export function createBuses(account: Account): Buses {
  const buses = new Map<string, Bus>();
  const prefix = `arn:aws:events:${account.region}:${account.accountId}`;

  function create(name: string): Bus {
    if (!/^[/.\-_A-Za-z0-9]{1,256}$/.test(name)) throw new AwsError('ValidationException', `The bus name ${name} is not valid.`);
    if (buses.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
    const bus: Bus = { name, arn: `${prefix}:event-bus/${name}`, createdAt: account.clock.now(), rules: new Map() };
    buses.set(name, bus);
    return bus;
  }

  function get(nameOrArn: string | undefined): Bus {
    const name = busName(nameOrArn);
    const bus = buses.get(name);
    if (bus === undefined) throw doesNotExist(`Event bus ${name}`);
    return bus;
  }

  create('default');
  return {
    create,
    get,
    find: (nameOrArn) => buses.get(busName(nameOrArn)),
    all: () => [...buses.values()],
    remove(name) {
      if (name === 'default') throw new AwsError('ValidationException', 'Cannot delete event bus default.');
      buses.delete(name);
    },
    rule(name, bus) {
      const { rules, name: nameOfBus } = get(bus);
      const rule = rules.get(name);
      if (rule === undefined) throw doesNotExist(`Rule ${name} on EventBus ${nameOfBus}`);
      return rule;
    },
    putRule(name, nameOrArn, settings) {
      const bus = get(nameOrArn);
      const matches = compileOrRefuse(settings.pattern);
      const path = bus.name === 'default' ? name : `${bus.name}/${name}`;
      const targets = bus.rules.get(name)?.targets ?? new Map<string, Target>();
      const rule: Rule = { name, arn: `${prefix}:rule/${path}`, busName: bus.name, matches, targets, ...settings };
      bus.rules.set(name, rule);
      return rule;
    },
  };
}

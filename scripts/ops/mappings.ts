import {
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  type ListEventSourceMappingsCommandOutput,
} from '@aws-sdk/client-lambda';
import type { FunctionName } from '../../stacks/naming';
import { arnsOf } from '../../stacks/naming';
import { isErrorNamed, notFound, OpsFailure } from './failure';
import type { Target } from './target';

type Source = Pick<Target, 'operator' | 'suffix' | 'region' | 'accountId' | 'names'>;

/** What starts a function: its event source mappings; none where there is no such function. */
export async function mappingsOf(target: Source, name: FunctionName): Promise<readonly EventSourceMappingConfiguration[]> {
  const FunctionName = arnsOf(target).ofFunction(name);
  const found: EventSourceMappingConfiguration[] = [];
  let Marker: string | undefined;
  do {
    const page = await pageOf(target, FunctionName, Marker);
    found.push(...(page.EventSourceMappings ?? []));
    Marker = page.NextMarker;
  } while (Marker !== undefined && Marker !== '');
  return found;
}

async function pageOf(
  { operator }: Source,
  FunctionName: string,
  Marker: string | undefined,
): Promise<Pick<ListEventSourceMappingsCommandOutput, 'EventSourceMappings' | 'NextMarker'>> {
  try {
    return await operator.lambda.send(new ListEventSourceMappingsCommand({ FunctionName, ...(Marker !== undefined && { Marker }) }));
  } catch (error) {
    // An environment need not have every function.
    if (isErrorNamed(error, 'ResourceNotFoundException')) return {};
    throw error;
  }
}

/** Stops or starts what starts a function; Lambda takes up to a minute for it. Returns the states that it is in now. Throws where there is none. */
export async function enableMappings(target: Source, name: FunctionName, Enabled: boolean): Promise<readonly string[]> {
  const mappings = await mappingsOf(target, name);
  if (mappings.length === 0)
    throw notFound(`nothing starts ${target.names.ofFunction(name)}: its event source mapping is gone, or the function is`);
  return Promise.all(
    mappings.map(async ({ UUID = '' }) => {
      try {
        const { State = 'Updating' } = await target.operator.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
        return State;
      } catch (cause) {
        if (!isErrorNamed(cause, 'ResourceInUseException')) throw cause;
        throw new OpsFailure(`Lambda is still changing the mapping of ${target.names.ofFunction(name)}: try again in a minute`, 1, {
          cause,
        });
      }
    }),
  );
}

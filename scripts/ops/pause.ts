import { Argument, type Command } from 'commander';
import type { FunctionName, Names } from '../../stacks/naming';
import type { ControlStatus } from '../local/control';
import { OpsFailure, wrongUsage } from './failure';
import type { Io } from './io';
import { askControl } from './local-control';
import { enableMappings, mappingsOf } from './mappings';
import { addCommand, withSession, type CommonOptions, type Session } from './session';
import type { Target } from './target';

const stages = { processing: 'event-processor', notifications: 'notification-handler' } as const;
type Stage = keyof typeof stages;

/** `pausing` and `resuming`: Lambda takes up to a minute. `absent`: nothing starts the function. */
export type StageState = 'running' | 'paused' | 'pausing' | 'resuming' | 'absent' | 'unknown';

/** A stage of the pipeline that can be held, by the function that does it. */
export function stageFunctions(
  names: Names,
): readonly { readonly stage: Stage; readonly name: FunctionName; readonly functionName: string }[] {
  return [
    { stage: 'processing', name: stages.processing, functionName: names.ofFunction(stages.processing) },
    { stage: 'notifications', name: stages.notifications, functionName: names.ofFunction(stages.notifications) },
  ];
}

/** What a stage does now: as the local run says, else as its event source mappings are. Throws where AWS does not say. */
export async function stageState(target: Target, name: FunctionName, control: ControlStatus | undefined): Promise<StageState> {
  if (target.local !== undefined) {
    const trigger = control?.queueTriggers.find(({ functionName }) => functionName === target.names.ofFunction(name));
    return trigger === undefined ? 'unknown' : trigger.paused ? 'paused' : 'running';
  }
  const states = (await mappingsOf(target, name)).map(({ State }) => State);
  if (states.length === 0) return 'absent';
  if (states.includes('Disabled')) return 'paused';
  if (states.includes('Disabling')) return 'pausing';
  return states.includes('Enabling') ? 'resuming' : 'running';
}

export function addPauseCommands(program: Command, io: Io): void {
  const descriptions = {
    pause: 'Holds a stage: its queue keeps what comes; webhooks are still received, stored and archived.',
    resume: 'Lets a stage go on with what its queue kept.',
  } as const;
  for (const verb of ['pause', 'resume'] as const) {
    addCommand(program, verb, descriptions[verb], [`${verb} processing`, `${verb} notifications --env prod`])
      .addArgument(new Argument('<stage>', 'what').choices(Object.keys(stages)))
      .action((stage: string, options: CommonOptions) => withSession(io, options, (session) => setPaused(session, stage, verb)));
  }
}

async function setPaused(session: Session, stage: string, verb: 'pause' | 'resume'): Promise<void> {
  const { target } = session;
  const found = stageFunctions(target.names).find((one) => one.stage === stage);
  if (found === undefined) throw wrongUsage(`there is no stage ${stage}`);
  const { name, functionName } = found;
  if (target.local === undefined) await enableMappings(target, name, verb === 'resume');
  else if ((await askControl(target, 'POST', `/functions/${functionName}/${verb}`)) === undefined)
    throw new OpsFailure(`this local run cannot be asked to ${verb}: start it again`);
  const [soon, where] = target.local === undefined ? ['; Lambda takes up to a minute', ` --env ${target.suffix}`] : ['', ''];
  session.answer({ stage, paused: verb === 'pause' }, () =>
    verb === 'pause'
      ? `${stage} is paused (${target.title})${soon}: npm run ops -- resume ${stage}${where}`
      : `${stage} goes on (${target.title})${soon}.`,
  );
}

import { Argument, type Command } from 'commander';
import type { Names } from '../../stacks/naming';
import { OpsFailure } from './failure';
import type { Io } from './io';
import { askControl } from './local-control';
import { addCommand, withSession, type CommonOptions, type Session } from './session';

const stages = { processing: 'event-processor', notifications: 'notification-handler' } as const;
type Stage = keyof typeof stages;

/** A stage of the pipeline that can be held, by the function that does it. */
export function stageFunctions(names: Names): readonly { readonly stage: Stage; readonly functionName: string }[] {
  return [
    { stage: 'processing', functionName: names.ofFunction(stages.processing) },
    { stage: 'notifications', functionName: names.ofFunction(stages.notifications) },
  ];
}

export function addPauseCommands(program: Command, io: Io): void {
  const descriptions = {
    pause: 'Holds a stage: its queue keeps what comes; webhooks are still received, stored and archived.',
    resume: 'Lets a stage go on with what its queue kept.',
  } as const;
  for (const verb of ['pause', 'resume'] as const) {
    addCommand(program, verb, descriptions[verb], [`${verb} processing`, `${verb} notifications --json`])
      .addArgument(new Argument('<stage>', 'what').choices(Object.keys(stages)))
      .action((stage: string, options: CommonOptions) => withSession(io, options, (session) => setPaused(session, stage, verb)));
  }
}

async function setPaused(session: Session, stage: string, verb: 'pause' | 'resume'): Promise<void> {
  const { target } = session;
  const functionName = stageFunctions(target.names).find((one) => one.stage === stage)?.functionName ?? '';
  const status = await askControl(target, 'POST', `/functions/${functionName}/${verb}`);
  if (status === undefined)
    throw new OpsFailure(
      `only a local run can be asked to ${verb}; for ${target.title}: ${mappingCommand(target.region, functionName, verb)}`,
    );
  session.answer({ stage, paused: verb === 'pause' }, () =>
    verb === 'pause' ? `${stage} is paused (${target.title}): npm run ops -- resume ${stage}` : `${stage} goes on (${target.title}).`,
  );
}

/** Lambda has no client among the dependencies; the AWS CLI does it in one line. */
function mappingCommand(region: string, functionName: string, verb: 'pause' | 'resume'): string {
  const uuid = `$(aws lambda list-event-source-mappings --region ${region} --function-name ${functionName} --query 'EventSourceMappings[0].UUID' --output text)`;
  return `aws lambda update-event-source-mapping --region ${region} ${verb === 'pause' ? '--no-enabled' : '--enabled'} --uuid ${uuid}`;
}

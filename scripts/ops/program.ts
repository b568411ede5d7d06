import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { addDeadLetterCommands } from './dlq';
import { addDoctorCommand } from './doctor';
import { addEraseCommand } from './erase';
import { addEventCommands } from './events';
import { exitCodes, lineOf, OpsFailure } from './failure';
import type { Io } from './io';
import { addPauseCommands } from './pause';
import { addPaymentCommands } from './payments';
import { printable } from './printable';
import { addReplayCommand } from './replay';
import { addProviderCommands } from './providers';
import { addReconcileCommand } from './reconcile';
import { addSecretCommands } from './secrets';
import { addStatusCommand } from './status';
import { addSubscriberCommands } from './subscribers';
import { addTimelineCommand } from './timeline';
import { addVerifyCommand } from './verify';

const help = `
Where: the local run of npm start, --env <suffix> in AWS, or --endpoint <url>.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 130 stopped by Ctrl-C.
Each command has examples: npm run ops -- events list --help. All of it: docs/ops.md.`;

/** Runs one command line and returns the exit code. Never throws. */
export async function runOps(args: readonly string[], io: Io): Promise<number> {
  const program = programFor(io);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    io.note(pc.red(`ops: ${printable(lineOf(error))}`));
    return error instanceof OpsFailure ? error.exitCode : exitCodes.failed;
  }
}

function programFor(io: Io): Command {
  const program = new Command('npm run ops --')
    .description('Finds, explains, verifies, redrives and replays what went through the pipeline.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        io.out(text.trimEnd());
      },
      writeErr: (text) => {
        io.note(text.trimEnd());
      },
    })
    .showSuggestionAfterError()
    .addHelpText('after', help);
  addEventCommands(program, io);
  addPaymentCommands(program, io);
  addTimelineCommand(program, io);
  addVerifyCommand(program, io);
  addDeadLetterCommands(program, io);
  addReplayCommand(program, io);
  addEraseCommand(program, io);
  addStatusCommand(program, io);
  addPauseCommands(program, io);
  addReconcileCommand(program, io);
  addSecretCommands(program, io);
  addDoctorCommand(program, io);
  addProviderCommands(program, io);
  addSubscriberCommands(program, io);
  return program;
}

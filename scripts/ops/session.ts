import type { Command } from 'commander';
import { stopped } from './failure';
import type { Io } from './io';
import { jsonText } from './printable';
import { openTarget, type Target, type TargetOptions } from './target';

/** Options of every command. */
export interface CommonOptions extends TargetOptions {
  readonly json: boolean;
}

/** One run of one command. */
export interface Session {
  readonly io: Io;
  readonly target: Target;
  readonly json: boolean;
  /** The answer: JSON where it was asked for, else the text. */
  answer(value: unknown, text: () => string): void;
  /** Throws once Ctrl-C was pressed; called between two steps that leave things whole. */
  checkpoint(): void;
}

export type Work = (session: Session) => Promise<void>;

/** Opens what the options name, does the work, closes it again. */
export async function withSession(io: Io, options: CommonOptions, work: Work): Promise<void> {
  const target = await openTarget(options, io);
  try {
    await work({
      io,
      target,
      json: options.json,
      answer: (value, text) => {
        io.out(options.json ? jsonText(value) : text());
      },
      checkpoint: () => {
        if (io.signal.aborted) throw stopped('stopped');
      },
    });
  } finally {
    target.close();
  }
}

/** A command with the options that all have, and its examples. */
export function addCommand(parent: Command, usage: string, description: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  npm run ops -- ${example}`);
  return parent
    .command(usage)
    .description(description)
    .option('--env <suffix>', 'an environment in AWS, like prod (default: the local run)')
    .option('--endpoint <url>', 'an AWS-compatible endpoint in place of AWS')
    .option('--region <region>', 'AWS region (default: AWS_REGION, or what was synthesized)')
    .option('--json', 'machine-readable output', false)
    .addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** A command that only has commands. */
export function addGroup(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description);
}

import { diagramOf } from '../local/page/diagram';
import type { SynthesizedStack } from '../local/synthesized-stacks';
import { knownPipeline } from './known-resources';
import { portraitOf } from './portrait';
import { svgOf } from './svg';

/** The picture of an environment's pipeline, made of its stacks and of nothing else. */
export async function drawPipeline(stacks: readonly SynthesizedStack[], suffix: string): Promise<string> {
  const { resources, pipeline } = await knownPipeline(stacks);
  const isGuarded = stacks.some((stack) => stack.resources.some(({ type }) => type === 'aws_wafv2_web_acl_association'));
  const portrait = portraitOf(diagramOf(resources, pipeline), { suffix, front: isGuarded ? 'AWS WAF' : undefined });
  return svgOf(portrait, 'The way of a payment webhook, drawn from the synthesized stacks');
}

import { createHash } from 'node:crypto';
import type { ResourceChange } from './plan-file';

/** Why a person must look before this is applied. */
export const risks = {
  'data-at-risk': 'Data at risk',
  'access-widened': 'Access widened',
  'network-exposed': 'Network exposure widened',
  'encryption-weakened': 'Encryption weakened',
  'protection-weakened': 'Protection weakened',
} as const;

export type Risk = keyof typeof risks;

/** What a rule says about one resource; the review adds where it is and how it is acknowledged. */
export interface Remark {
  readonly risk: Risk;
  /** One sentence: what changes and what that means here. */
  readonly says: string;
  /** The values or grants behind the sentence. */
  readonly evidence?: readonly string[];
}

export interface Finding extends Remark {
  /** What `--acknowledge` takes. It is made from what is said, so another change needs another acknowledgement. */
  readonly id: string;
  readonly stack: string;
  readonly address: string;
  readonly evidence: readonly string[];
}

/** Gives a remark its place and its id. */
export function toFinding(stack: string, { address }: ResourceChange, remark: Remark): Finding {
  const evidence = remark.evidence ?? [];
  const digest = createHash('sha256').update(JSON.stringify([stack, address, remark.says, evidence]));
  return { ...remark, id: `${remark.risk}-${digest.digest('hex').slice(0, 8)}`, stack, address, evidence };
}

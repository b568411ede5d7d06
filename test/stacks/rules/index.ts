import { dataRules } from './data';
import { edgeRules } from './edge';
import { functionRules } from './functions';
import { messagingRules } from './messaging';
import { operationsRules } from './operations';
import { permissionRules } from './permissions';
import type { Rule } from './rule';

/** Everything that has to hold for every resource of every environment. */
export const rules: readonly Rule[] = [
  ...messagingRules,
  ...permissionRules,
  ...dataRules,
  ...functionRules,
  ...edgeRules,
  ...operationsRules,
];

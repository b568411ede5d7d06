import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { comparePortability } from '../../scripts/portability';
import { environments } from '../../stacks/environments';
import { describeWhere } from './requirement';

const registry = spawnSync('npm', ['view', 'cdktn', 'name'], { encoding: 'utf8', timeout: 20_000 });
const problem = registry.status === 0 ? undefined : 'the npm registry does not answer';

describeWhere(problem, 'cdktn in the place of cdktf', () => {
  it('synthesizes the same stacks for every environment', async () => {
    const found = await comparePortability(path.resolve(__dirname, '../..'), [...environments.keys()], () => undefined);
    expect(found).toEqual([]);
  });
});

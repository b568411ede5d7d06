import { writeFileSync } from 'node:fs';
import { environmentsPage } from '../environments-page';
import { rules } from '.';
import { rulesPage } from './page';

writeFileSync('docs/rules.md', rulesPage(rules));
writeFileSync('docs/environments.md', environmentsPage());
console.log(`docs/rules.md has ${rules.length} rules; docs/environments.md is written too`);

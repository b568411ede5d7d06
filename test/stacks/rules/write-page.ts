import { writeFileSync } from 'node:fs';
import { rules } from '.';
import { rulesPage } from './page';

writeFileSync('docs/rules.md', rulesPage(rules));
console.log(`docs/rules.md has ${rules.length} rules`);

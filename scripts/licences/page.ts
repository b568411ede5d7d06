import type { BundledPackage } from './bundled-packages';

/** Licences that let anybody ship the code in a zip, with nothing asked but their text and notices. */
export const allowedLicences: readonly string[] = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];

/** Packages under a licence that is not allowed, or under none. */
export function refusedPackages(packages: readonly BundledPackage[]): readonly BundledPackage[] {
  return packages.filter(({ licence }) => !allowedLicences.includes(licence));
}

/** docs/licences.md. */
export function licencePage(packages: readonly BundledPackage[]): string {
  const all = new Set(packages.flatMap(({ functions }) => functions)).size;
  const rows = packages.map(
    ({ name, version, licence, functions }) =>
      `| ${name} | ${version} | ${licence} | ${functions.length === all ? 'all functions' : functions.join(', ')} |`,
  );
  return `# What is in the zips, and under which licence

Written by \`npm run licences\` from the source maps of the bundles: a package is listed where esbuild kept some of it. \`npm run check\` fails when this
page is not up to date, or when a licence is none of ${allowedLicences.join(', ')}. Everything else in
\`node_modules\` builds and tests, and is not deployed.
The project itself is under Apache-2.0 ([LICENSE](../LICENSE)).

| package | version | licence | in |
|---|---|---|---|
${rows.join('\n')}
`;
}

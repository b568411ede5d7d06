import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** The docstring of every property of every interface in the files, by the property's name; the first one that is found counts. */
export function docsOf(root: string, files: readonly string[]): ReadonlyMap<string, string> {
  const docs = new Map<string, string>();
  for (const file of files) {
    const source = ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.ES2023, true);
    for (const statement of source.statements) {
      if (!ts.isInterfaceDeclaration(statement)) continue;
      for (const member of statement.members) {
        const text = docOf(member);
        const name = member.name?.getText(source);
        if (name !== undefined && text !== undefined && !docs.has(name)) docs.set(name, text);
      }
    }
  }
  return docs;
}

function docOf(node: ts.Node): string | undefined {
  const [doc] = ts.getJSDocCommentsAndTags(node);
  const comment = doc?.comment;
  return typeof comment === 'string' ? comment.replaceAll(/\s+/g, ' ') : undefined;
}

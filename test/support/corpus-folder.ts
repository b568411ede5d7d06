import { existsSync } from 'node:fs';
import path from 'node:path';

/** Real payloads and signatures: beside the project and never in it, or where `CORPUS_FOLDER` says (a mutation run works on a copy elsewhere). */
export const corpusFolder = process.env['CORPUS_FOLDER'] ?? path.resolve(__dirname, '../../../shared/corpus');

/** Whether it is there. */
export const corpusPresent = existsSync(path.join(corpusFolder, 'vectors.json'));

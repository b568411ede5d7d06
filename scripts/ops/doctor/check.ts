import { lineOf } from '../failure';
import type { Patient } from './patient';
import { Unanswerable } from './unanswerable';

/** Something that is wrong, or soon will be. */
export interface Symptom {
  readonly level: 'error' | 'warning';
  /** One sentence: what is so, and what it does to payments. */
  readonly message: string;
  /** What mends this one, where it is another command than the check's own. */
  readonly mend?: string;
}

/** One named misconfiguration that is looked for. */
export interface Check {
  readonly id: string;
  /** What is so where all is well. */
  readonly title: string;
  /** Why a local run has nothing to look at; left out where it has. */
  readonly notLocal?: string;
  /** What is wrong; nothing where all is well. Throws an Unanswerable, or what AWS threw, where it cannot be told. */
  readonly run: (patient: Patient) => Promise<readonly Symptom[]>;
  /** The command that mends it. */
  readonly mend: (patient: Patient) => string;
}

/** What a check found; one that is well or cannot be told is a finding too. */
export interface Finding {
  readonly check: string;
  readonly title: string;
  readonly level: 'error' | 'warning' | 'ok' | 'skipped';
  /** What is wrong, or why it cannot be told; empty where all is well. */
  readonly message: string;
  readonly mend: string | null;
}

export function error(message: string, mend?: string): Symptom {
  return { level: 'error', message, ...(mend === undefined ? {} : { mend }) };
}

export function warning(message: string, mend?: string): Symptom {
  return { level: 'warning', message, ...(mend === undefined ? {} : { mend }) };
}

/** Runs one check. Never throws: a call that is refused or unknown is `skipped` with its reason, and so never `ok`. */
export async function examine(check: Check, patient: Patient): Promise<readonly Finding[]> {
  const { id, title, notLocal } = check;
  const finding = (level: Finding['level'], message: string, mend: string | null): Finding => ({ check: id, title, level, message, mend });
  if (patient.target.local !== undefined && notLocal !== undefined) return [finding('skipped', `a local run: ${notLocal}`, null)];
  try {
    const symptoms = await check.run(patient);
    if (symptoms.length === 0) return [finding('ok', '', null)];
    return symptoms.map(({ level, message, mend }) => finding(level, message, mend ?? check.mend(patient)));
  } catch (cause) {
    if (isOurOwn(cause)) return [finding('error', `the check itself failed: ${lineOf(cause)}`, 'report it: this is a fault of the doctor')];
    return [finding('skipped', reasonOf(cause), null)];
  }
}

/** A fault in the code here. What the SDK could not make sense of is a TypeError at times too, and says so with the answer that it got. */
function isOurOwn(cause: unknown): boolean {
  const ours = cause instanceof TypeError || cause instanceof RangeError || cause instanceof ReferenceError;
  return ours && !('$response' in cause) && !('$metadata' in cause) && cause.message !== 'fetch failed';
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Unanswerable) return cause.message;
  if (cause instanceof Error && ('$response' in cause || cause.name === 'SyntaxError'))
    return `the endpoint does not know this call (${lineOf(cause).slice(0, 120)})`;
  return lineOf(cause).slice(0, 300);
}

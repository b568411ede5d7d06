import * as v from 'valibot';
import { plainOf } from '../../functions/shared/aws/attributes';
import { storedEventOf } from '../../functions/shared/aws/event-row';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { deadLettersOf, type DeadLettered } from './dead-letters';
import { idOf } from './model/table';
import type { Run } from './run';

/** A row of the table in the order of the run, with what was expected of it. */
export interface StoredRow {
  readonly id: string;
  readonly stored: StoredEvent;
}

/** What every check needs to know of a run. */
export interface Facts {
  readonly run: Run;
  readonly rows: readonly StoredRow[];
  readonly lost: DeadLettered;
  /** Payment events on the bus, in order. */
  readonly published: readonly { readonly id: string; readonly at: number }[];
  /** What went wrong in the run was nothing but senders who repeat themselves. */
  readonly undisturbed: boolean;
}

/** Reads a run once for every check. */
export function factsOf(run: Run): Facts {
  const { aws, platform, plan } = run;
  const rows = [...aws.table.rows.values()].flatMap((item) => {
    const read = storedEventOf(plainOf(item));
    return read.ok ? [{ id: idOf(item), stored: read.value }] : [];
  });
  const published = aws.events.map(({ text, at }) => ({ id: busIdOf(text), at }));
  const disturbing = plan.happenings.some(({ kind }) => kind === 'tampering' || kind === 'skew');
  return { run, rows, published, lost: deadLettersOf(run), undisturbed: platform.hits.length === 0 && !disturbing };
}

const envelope = v.object({ detail: v.object({ paymentId: v.string(), eventKey: v.string() }) });

function busIdOf(text: string): string {
  const { detail } = v.parse(envelope, JSON.parse(text));
  return `${detail.paymentId} / ${detail.eventKey}`;
}

import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import pc from 'picocolors';
import type { PaymentEvent } from '../../functions/shared/domain/payment-event';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import type { Verification, WebhookRequest } from '../../functions/shared/domain/webhook';
import { createProviders } from '../../functions/shared/providers';
import type { IssuerUnknown, Provider } from '../../functions/shared/providers/provider';
import { readRawWebhook, type RawWebhook } from './archive';
import { downloadFor, verifyWithCertificates } from './certificates';
import { addWindow } from './events';
import { notFound, OpsFailure } from './failure';
import { theEvent, type FindOptions } from './find';
import type { Io } from './io';
import { readSecretText, secretChangedAt } from './provider-secret';
import { printable } from './printable';
import { addCommand, withSession, type CommonOptions, type Session } from './session';
import { heading, table } from './table';
import type { Target } from './target';

interface Check {
  readonly check: 'bytes' | 'hash' | 'signature' | 'row';
  readonly ok: boolean;
  readonly detail: string;
}

/** What nobody may change once it is written; another difference may come from a newer version of the code. */
const immutableFields = ['provider', 'eventId', 'paymentId', 'amountMinor', 'amount', 'currency'] as const;

export function addVerifyCommand(program: Command, io: Io): void {
  const command = addCommand(
    program,
    'verify <event>',
    'Holds the archived bytes of an event against their hash, their signature and the row.',
    ['verify evt_1RqWq2LkdIwHu7ix', 'verify evt_1RqWq2LkdIwHu7ix --provider stripe --env prod --json'],
  );
  addWindow(command, io, '30d').action((id: string, options: CommonOptions & FindOptions) =>
    withSession(io, options, async (session) => verifyEvent(session, await theEvent(session, id, options))),
  );
}

async function verifyEvent(session: Session, stored: StoredEvent): Promise<void> {
  const { target } = session;
  const { erasedAt, erasureId } = stored;
  if (erasedAt !== undefined) {
    session.answer({ eventId: stored.event.eventId, eventKey: stored.eventKey, erasedAt, erasureId: erasureId ?? null }, () =>
      pc.yellow(`${printable(stored.event.eventId)} was erased on ${erasedAt}: there are no bytes to verify any more.`),
    );
    return;
  }
  const raw = await readRawWebhook(target, stored);
  if (raw === undefined) throw notFound(`the raw bytes of ${stored.event.eventId} are neither in the archive nor in its row`);
  const rootPem = target.local?.paypalSigner.rootPem;
  const provider = createProviders(rootPem === undefined ? {} : { paypalLocalTrust: { rootPem } }).get(stored.event.provider);
  if (provider === undefined) throw new OpsFailure(`this version knows no provider ${stored.event.provider}`);
  const request = requestOf(raw);
  const checks = [
    bytesCheck(raw, target, stored),
    hashCheck(raw, stored),
    await signatureCheck(target, provider, request, stored),
    rowCheck(provider, request, stored),
  ];
  const ok = checks.every((check) => check.ok);
  session.answer({ eventId: stored.event.eventId, eventKey: stored.eventKey, ok, checks }, () =>
    [
      heading(`${stored.event.provider} ${stored.event.eventId}`),
      table(checks, [
        { title: '', cell: (check) => (check.ok ? 'ok' : 'FAILED'), paint: (check) => (check.ok ? pc.green : pc.red) },
        { title: 'check', cell: ({ check }) => check },
        { title: 'found', cell: ({ detail }) => detail, max: 240 },
      ]),
    ].join('\n'),
  );
  if (!ok) throw new OpsFailure(`${stored.event.eventId} does not verify`);
}

function requestOf({ headers, body }: RawWebhook): WebhookRequest {
  return { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])), body };
}

function bytesCheck({ body, from }: RawWebhook, { names }: Target, { archiveKey }: StoredEvent): Check {
  const place = from === 'archive' ? `s3://${names.archiveBucket}/${archiveKey}` : 'the row; the archive does not have them yet';
  return { check: 'bytes', ok: true, detail: `${body.byteLength} in ${place}` };
}

function hashCheck({ body }: RawWebhook, { bodySha256 }: StoredEvent): Check {
  const sha256 = createHash('sha256').update(body).digest('hex');
  const ok = sha256 === bodySha256;
  return { check: 'hash', ok, detail: ok ? sha256 : `${sha256}, but ${bodySha256} was received` };
}

/** With the secret as it is, and as it was before its last change; held against the time of receipt. */
async function signatureCheck(target: Target, provider: Provider, request: WebhookRequest, { event, source }: StoredEvent): Promise<Check> {
  if (source === 'reconciled')
    return { check: 'signature', ok: true, detail: `none: no webhook came, it is from the list of ${event.provider}` };
  const failures: string[] = [];
  for (const stage of ['current', 'previous'] as const) {
    const text = await readSecretText(target, provider.name, stage);
    if (text === undefined) continue;
    const read = provider.verifierFrom(text);
    if (!read.ok) {
      failures.push(`the ${stage} secret is not valid: ${read.problem}`);
      continue;
    }
    const verification = await verifyWithCertificates(read.verifier, request, Date.parse(event.receivedAt), downloadFor(target));
    if (verification.ok) return { check: 'signature', ok: true, detail: `genuine, by the ${stage} secret, at ${event.receivedAt}` };
    failures.push(`${failureOf(verification)} by the ${stage} secret`);
  }
  if (failures.length === 0) return { check: 'signature', ok: false, detail: `the secret of ${provider.name} is not set` };
  const changed = await secretChangedAt(target, provider.name);
  const since =
    changed !== undefined && changed.getTime() > Date.parse(event.receivedAt)
      ? `; the secret was changed since (${changed.toISOString()})`
      : '';
  return { check: 'signature', ok: false, detail: `${failures.join(', ')}${since}` };
}

function failureOf(verification: (Verification | IssuerUnknown) & { readonly ok: false }): string {
  return verification.reason === 'issuer_unknown' ? `issuer_unknown (${printable(verification.issuer)})` : verification.reason;
}

function rowCheck(provider: Provider, request: WebhookRequest, { event, eventKey }: StoredEvent): Check {
  const read = provider.normalize(request, event.receivedAt);
  if (!read.ok) return { check: 'row', ok: false, detail: `the bytes are not readable (${read.unreadable.reason})` };
  const { event: again, dedupeId } = read.normalized;
  const differing = Object.keys({ ...event, ...again }).filter((name) => fieldOf(event, name) !== fieldOf(again, name));
  const grave = differing.filter((name) => immutableFields.some((field) => field === name));
  if (eventKey !== `event#${dedupeId}`) grave.push('eventKey');
  if (grave.length > 0) return { check: 'row', ok: false, detail: `the row says something else than the bytes: ${grave.join(', ')}` };
  const note = differing.length === 0 ? '' : `, but for ${differing.join(', ')} (stored by another version)`;
  return { check: 'row', ok: true, detail: `says what the bytes say${note}` };
}

function fieldOf(event: PaymentEvent, name: string): string {
  const value: unknown = Reflect.get(event, name);
  return value === undefined ? '' : JSON.stringify(value);
}

import { expect } from '@jest/globals';
import * as v from 'valibot';
import { ops, type Ran, type RunSettings } from '../scripts/ops/ops-stage';

/** Where the commands are run: on what Terraform applied. */
export interface OpsPlace {
  /** The folder that was synthesized and applied from. */
  readonly root: string;
  readonly suffix: string;
  readonly endpoint: string;
  readonly region: string;
}

/** A stored event, to ask for. */
export interface KnownEvent {
  readonly eventId: string;
  readonly paymentId: string;
  readonly customerRef: string;
}

/** One command line and what it has to say. */
interface OpsCase {
  readonly args: (event: KnownEvent) => readonly string[];
  readonly settings?: RunSettings;
  readonly exitCode?: number;
  /** Of the JSON that it prints. */
  readonly shows: (event: KnownEvent) => unknown;
}

/** Runs a command on the applied resources, as a person would who has credentials. */
export function opsOn({ root, suffix, endpoint, region }: OpsPlace): (args: readonly string[], settings?: RunSettings) => Promise<Ran> {
  const where = ['--env', suffix, '--endpoint', endpoint, '--region', region];
  return (args, settings = {}) => ops([...args, ...where], { root, now: Date.now(), ...settings });
}

const has = (shape: object): unknown => expect.objectContaining(shape);

/** Every command, by its name in `--help`. Another command is another line here. */
export const opsCases: Readonly<Record<string, OpsCase>> = {
  'events list': {
    args: () => ['events', 'list', '--provider', 'stripe', '--since', '1h', '--limit', '5'],
    shows: () => has({ events: expect.arrayContaining([has({ provider: 'stripe' })]) }),
  },
  'events show': { args: ({ eventId }) => ['events', 'show', eventId], shows: ({ eventId }) => has({ eventId, status: 'processed' }) },
  'payments show': { args: ({ paymentId }) => ['payments', 'show', paymentId], shows: ({ paymentId }) => has({ paymentId }) },
  timeline: {
    args: ({ eventId }) => ['timeline', eventId],
    shows: () => has({ hops: expect.arrayContaining(['received', 'archived', 'published', 'audited'].map((hop) => has({ hop }))) }),
  },
  verify: { args: ({ eventId }) => ['verify', eventId], shows: ({ eventId }) => has({ eventId, ok: true }) },
  'dlq list': {
    args: () => ['dlq', 'list'],
    shows: () => has({ queues: expect.arrayContaining([has({ queue: 'routing', waiting: 0 })]) }),
  },
  'dlq show': { args: () => ['dlq', 'show', 'processing'], shows: () => has({ letters: [] }) },
  'dlq redrive': { args: () => ['dlq', 'redrive', 'notification', '--dry-run'], shows: () => has({ dryRun: true, wouldMove: 0 }) },
  'dlq purge': { args: () => ['dlq', 'purge', 'routing', '--yes'], shows: () => has({ queue: 'routing', purged: 0 }) },
  'secrets status': {
    args: () => ['secrets', 'status'],
    shows: () => has({ secrets: expect.arrayContaining([has({ provider: 'stripe', state: 'set' })]) }),
  },
  'secrets set': {
    args: () => ['secrets', 'set', 'generic', '--replace'],
    settings: { input: 'development-only-generic' },
    shows: () => has({ provider: 'generic', set: true }),
  },
  'secrets rotate': {
    args: () => ['secrets', 'rotate', 'generic'],
    settings: { input: 'development-only-generic-2' },
    shows: () => has({ provider: 'generic', rotating: true, entries: 2 }),
  },
  replay: {
    args: ({ eventId }) => ['replay', '--event', eventId, '--dry-run'],
    shows: ({ eventId }) => has({ dryRun: true, to: 'processing', wouldSend: 1, events: [has({ eventId })], leftOut: [] }),
  },
  erase: {
    args: ({ customerRef }) => ['erase', '--customer', customerRef, '--dry-run'],
    shows: ({ eventId }) => has({ dryRun: true, events: [has({ eventId })], onTheWay: [], objectVersions: 1, deadLetters: 0 }),
  },
  'subscribers list': {
    args: () => ['subscribers', 'list'],
    shows: () => ({
      subscribers: [
        has({ name: 'fraud-check', kind: 'function', enabled: true }),
        has({ name: 'ledger', kind: 'https', authorizedAt: null, header: 'X-Api-Key' }),
        has({ name: 'orders', kind: 'queue', enabled: true }),
        has({ name: 'warehouse', kind: 'bus', enabled: true }),
      ],
    }),
  },
  'subscribers authorize': {
    args: () => ['subscribers', 'authorize', 'ledger'],
    settings: { input: 'development-only-ledger' },
    shows: () => has({ name: 'ledger', header: 'X-Api-Key', authorizedAt: expect.any(String) }),
  },
  pause: { args: () => ['pause', 'notifications'], shows: () => has({ stage: 'notifications', paused: true }) },
  status: {
    args: () => ['status'],
    shows: () =>
      has({
        stages: [has({ stage: 'processing', state: 'running' }), has({ stage: 'notifications', state: 'paused' })],
        providers: expect.arrayContaining([has({ provider: 'stripe', lastReceivedAt: expect.any(String) })]),
        traffic: has({ received: 0 }),
        unknown: [],
      }),
  },
  resume: { args: () => ['resume', 'notifications'], shows: () => has({ stage: 'notifications', paused: false }) },
  doctor: {
    args: () => ['doctor', '--only', 'table-stream', 'key-policy', 'mapping-enabled', 'function-code'],
    shows: () => has({ counts: { errors: 0, warnings: 0, ok: 4, skipped: 0 } }),
  },
};

/** Runs one of them and expects what it says. */
export async function expectOps(place: OpsPlace, { args, settings, exitCode = 0, shows }: OpsCase, event: KnownEvent): Promise<void> {
  const ran = await opsOn(place)([...args(event), '--json'], settings);
  expect([ran.notes, ran.exitCode]).toEqual([exitCode === 0 ? expect.not.stringMatching(/^ops: /) : expect.anything(), exitCode]);
  expect(ran.json()).toEqual(shows(event));
}

const diagnosis = v.object({ findings: v.array(v.object({ check: v.string(), level: v.string(), message: v.string() })) });

/** Errors and warnings of the doctor, as `check: message`. */
export async function diagnosed(place: OpsPlace, only: readonly string[] = []): Promise<readonly string[]> {
  const ran = await opsOn(place)(['doctor', '--json', ...(only.length === 0 ? [] : ['--only', ...only])]);
  const { findings } = v.parse(diagnosis, ran.json());
  return findings.filter(({ level }) => level === 'error' || level === 'warning').map(({ check, message }) => `${check}: ${message}`);
}

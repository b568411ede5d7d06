import { AwsError } from '../aws-error';
import type { EventMatcher } from '../event-pattern';
import type { Account } from '../service';
import { type Buses, compileOrRefuse, doesNotExist } from './buses';
import type { BusEvent } from './event';

// An archive keeps this much, the newest; on AWS its retention decides.
const MAX_ARCHIVE_BYTES = 32 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

interface Archive {
  name: string;
  arn: string;
  busArn: string;
  pattern: string | undefined;
  matches: EventMatcher;
  retentionDays: number;
  createdAt: number;
  events: BusEvent[];
  bytes: number;
}

interface Replay {
  ReplayName: string;
  ReplayArn: string;
  State: 'RUNNING' | 'COMPLETED';
  EventSourceArn: string;
  Destination: { Arn: string; FilterArns?: string[] | undefined };
  EventStartTime: number;
  EventEndTime: number;
  ReplayStartTime: number;
  ReplayEndTime?: number;
  EventLastReplayedTime?: number;
}

/** What StartReplay asks for; times in seconds. */
type ReplayRequest = Pick<Replay, 'ReplayName' | 'EventSourceArn' | 'Destination' | 'EventStartTime' | 'EventEndTime'>;

/** The archives of an account's buses. */
export interface Archives {
  create(name: string, busArn: string, pattern: string | undefined, retentionDays: number): Archive;
  get(name: string): Archive;
  /** Keeps an event in each archive that wants it. */
  store(busArn: string, event: BusEvent): void;
  startReplay(request: ReplayRequest, put: (busArn: string, event: BusEvent, replayName: string, ruleArns?: string[]) => void): Replay;
  replay(name: string): Replay;
}

function trim(archive: Archive, now: number): void {
  const oldest = archive.retentionDays === 0 ? 0 : now - archive.retentionDays * DAY_MS;
  let drop = 0;
  for (const event of archive.events) {
    if (event.at >= oldest && archive.bytes <= MAX_ARCHIVE_BYTES) break;
    archive.bytes -= event.text.length;
    drop += 1;
  }
  if (drop > 0) archive.events.splice(0, drop);
}

/** An account without archives. */
export function createArchives(account: Account, buses: Buses): Archives {
  const archives = new Map<string, Archive>();
  const replays = new Map<string, Replay>();
  const prefix = `arn:aws:events:${account.region}:${account.accountId}`;

  function get(name: string): Archive {
    const archive = archives.get(name);
    if (archive === undefined) throw doesNotExist(`Archive ${name}`);
    return archive;
  }

  return {
    get,
    create(name, busArn, pattern, retentionDays) {
      if (archives.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists.`);
      buses.get(busArn);
      const matches = pattern === undefined ? () => true : compileOrRefuse(pattern);
      const createdAt = account.clock.now();
      const archive: Archive = {
        name,
        arn: `${prefix}:archive/${name}`,
        busArn,
        pattern,
        matches,
        retentionDays,
        createdAt,
        events: [],
        bytes: 0,
      };
      archives.set(name, archive);
      return archive;
    },
    store(busArn, event) {
      for (const archive of archives.values()) {
        if (archive.busArn !== busArn || !archive.matches(event.value)) continue;
        archive.events.push({ ...event, value: undefined });
        archive.bytes += event.text.length;
        // In steps, so that a full archive does not move its list for every event.
        if (archive.bytes > MAX_ARCHIVE_BYTES * 1.1) trim(archive, account.clock.now());
      }
    },
    startReplay(request, put) {
      if (replays.has(request.ReplayName))
        throw new AwsError('ResourceAlreadyExistsException', `Replay ${request.ReplayName} already exists.`);
      const archive = [...archives.values()].find(({ arn }) => arn === request.EventSourceArn);
      if (archive === undefined) throw doesNotExist(`Archive ${request.EventSourceArn}`);
      if (request.Destination.Arn !== archive.busArn) {
        throw new AwsError(
          'ValidationException',
          'Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.',
        );
      }
      if (request.EventStartTime >= request.EventEndTime) {
        throw new AwsError(
          'ValidationException',
          'Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
        );
      }
      const now = account.clock.now();
      trim(archive, now);
      const replay: Replay = {
        ...request,
        ReplayArn: `${prefix}:replay/${request.ReplayName}`,
        State: 'RUNNING',
        ReplayStartTime: now / 1000,
      };
      replays.set(request.ReplayName, replay);
      const events = archive.events.filter(({ at }) => at >= request.EventStartTime * 1000 && at < request.EventEndTime * 1000);
      account.clock.schedule(0, () => {
        for (const event of events) {
          put(archive.busArn, event, request.ReplayName, request.Destination.FilterArns);
          replay.EventLastReplayedTime = event.at / 1000;
        }
        replay.State = 'COMPLETED';
        replay.ReplayEndTime = account.clock.now() / 1000;
      });
      return replay;
    },
    replay(name) {
      const replay = replays.get(name);
      if (replay === undefined) throw doesNotExist(`Replay ${name}`);
      return replay;
    },
  };
}

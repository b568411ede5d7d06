import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Activity } from '../../../../scripts/local/activity';
import { EventBook } from '../../../../scripts/local/page/event-book';
import { Feed } from '../../../../scripts/local/page/feed';

let feed: Feed;
let moves = 0;

beforeEach(() => {
  jest.useFakeTimers();
  moves = 0;
  const moveOf = () => {
    moves += 1;
    return { ways: [['e1']], tone: 'ok' as const };
  };
  feed = new Feed({ book: new EventBook(100), depths: () => [], moveOf });
});

afterEach(() => {
  feed.close();
  jest.useRealTimers();
});

/** A page that is open; `stuck` never takes what is written. */
function reader(): { readonly response: ServerResponse; readonly texts: string[] } {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const texts: string[] = [];
  const write = response.write.bind(response);
  jest.spyOn(response, 'write').mockImplementation((chunk: unknown) => {
    texts.push(String(chunk));
    return write(chunk);
  });
  return { response, texts };
}

const stored = (id: number, eventType = 't'): Activity => ({
  kind: 'log',
  at: id,
  functionName: 'receiver',
  fields: { message: 'webhook stored', provider: 'stripe', eventId: `evt_${String(id)}`, eventType },
});

const alert = (messageId: string, message = 'text'): Activity => ({
  kind: 'alert',
  at: 1,
  message: { topicArn: 'arn:aws:sns:r:1:alerts', messageId, subject: 'High value', message, attributes: {}, endpoints: [] },
});

describe('Feed', () => {
  it('puts what happens within a moment into one message', () => {
    const { response, texts } = reader();
    feed.open(response);
    for (let id = 1; id <= 30; id += 1) feed.add(stored(id));
    jest.advanceTimersByTime(1000);
    expect(texts).toHaveLength(2);
    expect(texts[1]?.match(/"eventId"/g)).toHaveLength(30);
  });

  it('says nothing when nothing happens', () => {
    const { response, texts } = reader();
    feed.open(response);
    jest.advanceTimersByTime(10_000);
    expect(texts).toHaveLength(1);
  });

  it('shows at most a few dozen moves of one moment, and works out none that nobody sees', () => {
    for (let id = 1; id <= 100; id += 1) feed.add(stored(id));
    expect(moves).toBe(0);
    const { response, texts } = reader();
    feed.open(response);
    for (let id = 1; id <= 100; id += 1) feed.add(stored(id));
    jest.advanceTimersByTime(200);
    expect(moves).toBe(24);
    expect(texts[1]?.match(/"ways"/g)).toHaveLength(24);
  });

  it('lets go of a page that reads nothing', () => {
    const { response } = reader();
    feed.open(response);
    for (let round = 0; round < 400 && !response.destroyed; round += 1) {
      for (let id = 1; id <= 100; id += 1) feed.add(stored(round * 100 + id, 'x'.repeat(300)));
      jest.advanceTimersByTime(200);
    }
    expect(response.destroyed).toBe(true);
    expect(response.writableLength).toBeLessThan(16 * 1024 * 1024);
  });

  it('ties an alert to its event when the function has said which it was', () => {
    feed.add(stored(1));
    feed.add(alert('m-1'));
    expect(feed.alertsOf(1)).toEqual([]);
    const fields = { message: 'alert sent', provider: 'stripe', eventId: 'evt_1', messageId: 'm-1' };
    feed.add({ kind: 'log', at: 2, functionName: 'notifier', fields });
    expect(feed.alertsOf(1)).toMatchObject([{ subject: 'High value', messageId: 'm-1', eventId: 1 }]);
  });

  it('keeps bounded alerts and problems', () => {
    for (let count = 0; count < 1000; count += 1) {
      feed.add(alert(`m-${String(count)}`, 'x'.repeat(100_000)));
      feed.add({ kind: 'problem', at: 1, text: 'y'.repeat(100_000) });
    }
    const { response, texts } = reader();
    feed.open(response);
    expect(texts[0]?.match(/"messageId"/g)).toHaveLength(200);
    expect(texts[0]?.match(/yyy…/g)).toHaveLength(100);
    expect(texts[0]?.length).toBeLessThan(200 * 8300 + 100 * 700);
    expect(texts[0]).toContain('"alerts":1000');
  });

  it('takes what people have to know for a problem: errors, failed invocations, what the API itself refused', () => {
    feed.add({
      kind: 'log',
      at: 1,
      functionName: 'relay',
      fields: { level: 'ERROR', message: 'not archived', error: { message: 'throttled' } },
    });
    const error = { errorType: 'Sandbox.Timedout', errorMessage: 'timed out' };
    feed.add({ kind: 'report', at: 1, report: { functionName: 'relay', requestId: 'r', durationMs: 1, error } });
    const entry = { method: 'POST', path: '/x', status: 403, requestId: 'r', durationMs: 1, problem: 'no such route' };
    feed.add({ kind: 'request', at: 1, entry });
    feed.add({ kind: 'request', at: 1, entry: { ...entry, problem: undefined } });
    const { response, texts } = reader();
    feed.open(response);
    for (const text of ['relay: not archived: throttled', 'relay: Sandbox.Timedout: timed out', 'POST /x 403: no such route']) {
      expect(texts[0]).toContain(text);
    }
    expect(texts[0]?.match(/"text"/g)).toHaveLength(3);
  });
});

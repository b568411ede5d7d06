import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page as Tab } from 'playwright-core';
import { Stage } from '../../scripts/local/demo/stage';
import { startPage, type Page } from '../../scripts/local/page/server';
import { startLocal, type LocalRun } from '../../scripts/local/run';
import { describeWhere } from '../terraform/requirement';
import { launchChromium, missingChromium } from './chromium';

/** Where screenshots go; they are taken only when this says so (docs/console.md). */
const pictures = process.env['SCREENSHOTS'];
const longMs = 60_000;
const contrasts = readFileSync(path.join(__dirname, 'contrasts.js'), 'utf8');

let run: LocalRun;
let stage: Stage;
let page: Page;
let browser: Browser;
let workDir: string;
let context: BrowserContext;
let tab: Tab;
let complaints: string[];
let asked: string[];

describeWhere(missingChromium, 'the console page in Chromium', () => {
  beforeAll(async () => {
    workDir = mkdtempSync(path.join(tmpdir(), 'payment-webhooks-'));
    run = await startLocal({ port: 0, findable: false, workDir });
    stage = new Stage(run);
    page = await startPage(run, { port: 0 });
    browser = await launchChromium();
  }, 2 * longMs);

  afterAll(async () => {
    await browser.close();
    await page.close();
    await run.stop();
    rmSync(workDir, { recursive: true, force: true });
  }, longMs);

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(longMs);
    tab = await context.newPage();
    [complaints, asked] = [[], []];
    tab.on('pageerror', (error) => complaints.push(error.message));
    tab.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    tab.on('request', (request) => asked.push(request.url()));
    await tab.goto(page.url);
    await tab.waitForSelector('#connection[data-state=live]');
  }, longMs);

  afterEach(async () => {
    await context.close();
    // Neither an error nor anything that the policy had to stop, and no request to anywhere else.
    expect(complaints).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(`${page.origin}/`))).toEqual([]);
  });

  it('takes the token out of the address, and goes on after a reload', async () => {
    expect(tab.url()).toBe(`${page.origin}/`);
    await tab.reload();
    await tab.waitForSelector('#connection[data-state=live]');
  });

  it('draws the pipeline as the stacks have it', async () => {
    for (const { name } of run.pipeline.functions) await tab.locator(`#pipeline .function[data-node="${name}"]`).waitFor();
    expect(await tab.locator('#pipeline .port').allTextContents()).toEqual(
      expect.arrayContaining(['stripe', 'paypal', 'square', 'generic', 'dispute', 'failed', 'high-value', 'standard']),
    );
  });

  it(
    'sends a webhook, shows it moving, lists it and opens its timeline',
    async () => {
      await tab.getByRole('radio', { name: 'stripe' }).check({ force: true });
      await tab.getByRole('button', { name: 'High value' }).click();
      await tab.waitForSelector('#pipeline .dot', { state: 'attached' });
      await tab.waitForSelector('#send .said:has-text("200 Webhook received")');
      const row = tab.locator('#rows .row', { hasText: 'payment_intent.succeeded' }).first();
      await row.locator('.tag.published').waitFor();
      await row.locator('.tag.alerted').waitFor();
      for (const kind of ['table', 'queue', 'bus', 'topic']) await tab.waitForSelector(`#pipeline .${kind}[data-passed]`);
      expect(await row.textContent()).toMatch(/stripe.*stripe:pi_\w+.*USD 12000\.00/);
      await tab.locator('#alerts details', { hasText: 'High-value payment: USD 12000.00' }).waitFor();

      await row.click();
      await tab.waitForSelector('#dialog .timeline');
      const hops = await tab.locator('#dialog .timeline strong').allTextContents();
      expect(hops.slice(0, 4)).toEqual(['stored', 'archived, enqueued', 'published', 'alert sent']);
      expect(await tab.locator('#raw').textContent()).toContain('"amount": 1200000');
      expect(await tab.locator('#canonical').textContent()).toContain('"amount": "12000.00"');
      await tab.locator('#dialog .tag', { hasText: 'verifies' }).waitFor();
      // The audit trail is written in batches of some seconds.
      await run.waitForIdle(longMs);
      await tab.keyboard.press('Escape');
      await row.click();
      await tab.locator('#dialog .timeline strong', { hasText: 'audited' }).first().waitFor();
    },
    2 * longMs,
  );

  it.each(['stripe', 'paypal', 'square', 'generic', 'standard-webhooks'])(
    'sends every kind of %s webhook',
    async (sender) => {
      await tab.getByRole('radio', { name: sender, exact: true }).check({ force: true });
      for (const [button, answer] of [
        ['Valid', '200 Webhook received'],
        ['Forged', '401 Invalid signature'],
        ['Duplicate', '200 Webhook received, then 200 duplicate'],
        ['High value', '200 Webhook received'],
      ] as const) {
        await tab.getByRole('button', { name: button }).click();
        await tab.locator(`#send .said:text-is("${answer}")`).waitFor();
      }
    },
    longMs,
  );

  it(
    'shows a hostile payload as text',
    async () => {
      const markup = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';
      const paymentId = `pay-\u202Edne\u001b[31m-${String(Date.now())}`;
      const body = {
        eventType: markup,
        paymentId,
        amount: '1.00',
        currency: 'USD',
        status: 'succeeded',
        provider: markup,
        note: `${markup}${'long'.repeat(20_000)}`,
      };
      const { status } = await stage.post('generic', Buffer.from(JSON.stringify(body)));
      expect(status).toBe(200);
      const row = tab.locator('#rows .row', { hasText: 'onerror' }).first();
      await row.locator('.tag.published').waitFor();
      expect(await row.locator('.type').textContent()).toContain('<img src=x onerror=');
      const shown = await row.locator('.payment').textContent();
      expect(shown).toContain('⟨U+202E⟩');
      expect(shown).not.toMatch(/[\u202e\u001b]/);
      await row.click();
      await tab.waitForSelector('#raw');
      expect(await tab.locator('#raw').textContent()).toContain('<script>window.pwned=1</script>');
      expect(await tab.locator('#dialog').textContent()).not.toMatch(/[\u202e\u001b]/);
      await tab.getByRole('button', { name: 'byte for byte' }).click();
      expect(await tab.locator('img, #dialog script, #rows script').count()).toBe(0);
      expect(await tab.evaluate(() => 'pwned' in globalThis)).toBe(false);
      const isWide = await tab.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
      expect(isWide).toBe(false);
    },
    longMs,
  );

  it(
    'sends an event again from its dialog, and shows the new delivery in its timeline',
    async () => {
      // By its payment: the newest row may be another one by the time it is clicked.
      const payment = 'pi_sent_again';
      expect(await stage.event('stripe', 'payment_intent.succeeded', { amount: '12000', currency: 'USD', payment })).toMatchObject({
        status: 200,
      });
      const row = tab.locator('#rows .row', { hasText: payment });
      await row.locator('.tag.alerted').waitFor();
      await row.click();
      const hops = () => tab.locator('#dialog .timeline strong').allTextContents();
      const reopen = async () => {
        await run.waitForIdle(longMs);
        await tab.keyboard.press('Escape');
        await tab.waitForSelector('#dialog:not([open])', { state: 'attached' });
        await row.click();
        await tab.waitForSelector('#dialog .timeline');
      };
      await tab.getByRole('button', { name: 'Replay' }).click();
      await tab.locator('#dialog .said', { hasText: 'a replay needs a reason' }).waitFor();
      await tab.locator('#replay-reason').fill('ledger was <b>down</b>');
      await tab.keyboard.press('Enter');
      await tab
        .locator('#dialog .timeline li.replayed', { hasText: /rpl_[0-9a-f]{32} of .*: ledger was <b>down<\/b> → payment-high-value-dev/ })
        .waitFor();
      await reopen();
      await tab.locator('#dialog .timeline strong', { hasText: 'alert skipped' }).waitFor();
      expect((await hops()).filter((hop) => hop === 'alert sent')).toHaveLength(1);

      await tab.locator('#replay-reason').fill('nobody read it');
      await tab.getByRole('checkbox', { name: 'alert again' }).check();
      await tab.getByRole('button', { name: 'Replay' }).click();
      await tab.locator('#dialog .timeline li.replayed', { hasText: 'nobody read it' }).waitFor();
      await reopen();
      await tab.locator('#dialog .timeline strong', { hasText: 'alert sent' }).nth(1).waitFor();
      expect((await hops()).filter((hop) => hop === 'replayed')).toHaveLength(2);
    },
    2 * longMs,
  );

  it(
    'shows a dead letter and moves it back',
    async () => {
      const mend = run.aws.faults.add({ service: 'events', operation: 'PutEvents', error: { code: 'AccessDeniedException', status: 400 } });
      await tab.getByRole('radio', { name: 'square' }).check({ force: true });
      await tab.getByRole('button', { name: 'Valid' }).click();
      const row = tab.locator('#rows .row', { hasText: 'square' }).first();
      await row.locator('.tag', { hasText: 'dead letter' }).waitFor();
      const letters = tab.locator('#pipeline .letters.filled');
      await letters.waitFor();
      await tab.locator('#problems li').first().waitFor();
      if (pictures !== undefined) await tab.screenshot({ path: path.join(pictures, 'console-dead-letter.png') });
      mend();

      await letters.click();
      await tab.locator('#dialog pre', { hasText: '"provider": "square"' }).waitFor();
      await tab.getByRole('button', { name: 'Redrive' }).click();
      await tab.locator('#dialog .said', { hasText: '1 moved back to payment-processing-dev.' }).waitFor();
      await tab.keyboard.press('Escape');
      await row.locator('.tag.published').waitFor();
      await letters.waitFor({ state: 'detached' });
      expect(await row.locator('.tag').allTextContents()).toEqual(['published']);
    },
    2 * longMs,
  );

  it(
    'can be used with the keyboard alone',
    async () => {
      await stage.event('paypal', 'PAYMENT.CAPTURE.DECLINED');
      await tab.locator('#rows .row', { hasText: 'DECLINED' }).first().waitFor();
      await tab.keyboard.press('/');
      await tab.keyboard.type('paypal declined');
      await tab.locator('#found', { hasText: /^1 of / }).waitFor();
      await tab.keyboard.press('Enter');
      await tab.waitForSelector('#rows .row[aria-selected=true]');
      expect(await tab.locator('#grid:focus').getAttribute('aria-activedescendant')).toMatch(/^event-\d+$/);
      await tab.keyboard.press('Enter');
      await tab.waitForSelector('#dialog[open] .timeline');
      await tab.keyboard.press('Escape');
      await tab.waitForSelector('#dialog:not([open])', { state: 'attached' });
      await tab.waitForSelector('#grid:focus');
      await tab.keyboard.press('/');
      await tab.keyboard.press('Escape');
      expect(await tab.inputValue('#search')).toBe('');
      await tab.keyboard.press('Home');
      await tab.keyboard.press('ArrowDown');
      expect(await tab.locator('#rows .row[aria-selected=true]').getAttribute('aria-rowindex')).toBe('3');
      await tab.keyboard.press('?');
      await tab.waitForSelector('#dialog[open] h2:has-text("Keys")');
    },
    longMs,
  );

  const schemes = [
    ['light', 'console-light', 'event-light'],
    ['dark', 'console-dark', 'event-dark'],
  ] as const;
  const selectors = [
    'body',
    '#place',
    '.row .time',
    '.row .provider',
    '.tag.published',
    '.tag.rejected',
    '.tag.alerted',
    '#pipeline .name',
  ];
  it.each(schemes)(
    'is readable in %s',
    async (colorScheme, console, event) => {
      await tab.emulateMedia({ colorScheme });
      const ratios = await tab.evaluate<readonly (readonly [string, number])[]>(`${contrasts}\ncontrasts(${JSON.stringify(selectors)})`);
      for (const [name, ratio] of ratios) expect([name, ratio >= 4.5]).toEqual([name, true]);
      if (pictures === undefined) return;
      await tab.getByRole('radio', { name: 'stripe' }).check({ force: true });
      await tab.getByRole('button', { name: 'Duplicate' }).click();
      await tab.getByRole('button', { name: 'High value' }).click();
      await tab.waitForTimeout(500);
      await tab.screenshot({ path: path.join(pictures, `${console}.png`) });
      await tab.locator('#rows .row', { hasText: '12000.00' }).first().click();
      await tab.waitForSelector('#dialog .timeline');
      await tab.screenshot({ path: path.join(pictures, `${event}.png`) });
    },
    longMs,
  );

  it(
    'takes 10,000 events, and keeps only what can be seen in the document',
    async () => {
      for (let id = 0; id < 12_000; id += 1) addStored(id);
      await tab.locator('#found:text-is("10,000 events")').waitFor();
      const rows = () => tab.locator('#rows .row').count();
      expect(await rows()).toBeLessThan(100);
      await tab.locator('#grid').focus();
      await tab.keyboard.press('End');
      await tab.locator('#rows .row[aria-selected=true]', { hasText: 'many-2000' }).waitFor();
      await tab.keyboard.press('Home');
      await tab.locator('#rows .row[aria-selected=true]', { hasText: 'many-11999' }).waitFor();
      await tab.keyboard.press('/');
      await tab.keyboard.type('stripe many-7123');
      await tab.locator('#found:text-is("1 of 10,000 events")').waitFor();
      await tab.keyboard.press('Escape');
      await tab.locator('#found:text-is("10,000 events")').waitFor();
      // Who has scrolled down reads on while more comes in.
      await tab.evaluate("document.querySelector('#viewport').scrollTo({ top: 30000 })");
      const row = tab.locator('#rows .row', { hasText: 'many-10990' });
      await row.waitFor();
      const before = await row.boundingBox();
      for (let id = 12_000; id < 12_050; id += 1) addStored(id);
      // The policy lets nobody evaluate text in the page, a waiting test included.
      while ((await tab.evaluate<number>("document.querySelector('#viewport').scrollTop")) !== 30_000 + 50 * 30)
        await tab.waitForTimeout(50);
      expect((await row.boundingBox())?.y).toBe(before?.y);
      expect(await rows()).toBeLessThan(100);
      // A page that opens now is told of all of them at once.
      await tab.reload();
      await tab.locator('#found:text-is("10,000 events")').waitFor();
    },
    2 * longMs,
  );

  it('says what to do where the token is not the right one', async () => {
    const stranger = await browser.newPage();
    await stranger.goto(`${page.origin}/#token=wrong`);
    await stranger.waitForSelector('#connection:has-text("open the URL that npm start printed")');
    expect(await stranger.locator('#rows .row').count()).toBe(0);
    await stranger.close();
  });
});

function addStored(id: number): void {
  const name = `many-${String(id)}`;
  const event = { provider: 'stripe', eventId: name, eventType: 'payment_intent.succeeded', paymentId: `stripe:${name}` };
  const fields = { level: 'INFO', message: 'webhook stored', correlationId: name, ...event };
  run.activity.add({ kind: 'log', at: Date.now(), functionName: 'webhook-receiver-dev', fields });
}

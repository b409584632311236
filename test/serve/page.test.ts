import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser, CHROMIUM, hasBrowser, type Page } from '../support/browser.js';
import { COUNTER, counter, ECHO, echo, httpServer, modelOf, send, TEXT, type TestServer } from './support.js';

if (!hasBrowser) console.warn(`the server's page in a browser: skipped, there is no ${CHROMIUM}`);

/** WCAG's contrast ratio of what can be read, on what it stands on. */
const CONTRAST = `(() => {
  const luminance = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(c => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    const color = getComputedStyle(element).backgroundColor;
    return color === 'rgba(0, 0, 0, 0)' ? ground(element.parentElement) : color;
  };
  const contrast = element => {
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  return Math.min(...[...document.querySelectorAll('h1, h2, p, label, label span, button, summary, dt, dd, pre, .state')].map(contrast));
})()`;

const LOADED = `new Promise(resolve => {
  const look = () => (document.getElementById('models').getAttribute('aria-busy') === 'false' ? resolve(true) : setTimeout(look, 5));
  look();
})`;

/** Fills the form of a model, sends it off, and waits for what comes. */
const tried = (model: string, value: string) => `(async () => {
  const card = [...document.querySelectorAll('article')].find(each => each.querySelector('h2').textContent === ${JSON.stringify(model)});
  card.querySelector('textarea').value = ${JSON.stringify(value)};
  card.querySelector('form').requestSubmit();
  const result = card.querySelector('pre');
  do await new Promise(resolve => setTimeout(resolve, 5)); while (result.getAttribute('aria-busy') || result.textContent === '');
  return [result.textContent, result.className];
})()`;

test('the page holds all that it needs, and allows nothing else', async () => {
  const { port, server } = await httpServer([]);
  const { headers, body } = await send(port, '/');
  await server.close();
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(body.toString()).not.toMatch(/https?:\/\/|(src|href)="(?!data:)/);
});

describe.skipIf(!hasBrowser)('the page in a browser', () => {
  let served: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    served = await httpServer([modelOf(TEXT, echo()), modelOf(ECHO, echo()), modelOf(COUNTER, counter())]);
    browser = new Browser();
  });
  afterAll(async () => {
    await browser?.close();
    await served.server.close();
  });
  const open = async (screen: { width: number; height: number; dark?: boolean }): Promise<Page> => {
    const page = await browser.open(`http://127.0.0.1:${served.port}/`, screen);
    await page.evaluate(LOADED);
    return page;
  };

  test('a text, numbers, a stream and an error; the figures follow', async () => {
    const page = await open({ width: 1280, height: 900 });
    expect(await page.evaluate(tried('text', '<b>Grüße</b>'))).toEqual(['OUT BYTES [1]\n<b>Grüße</b>', '']);
    expect(await page.evaluate(tried('echo', '[[1.5, 2], [3]]'))).toEqual([
      expect.stringContaining('OUT BYTES [1, 3]\n3.000000:2:two\n2.000000:1:one\n1.500000:0:zero'),
      '',
    ]);
    expect(await page.evaluate(tried('counter', '3'))).toEqual(['012', '']);
    expect(await page.evaluate(tried('counter', '-1'))).toEqual(['N is negative', 'error']);
    expect(await page.evaluate(tried('echo', 'one'))).toEqual([expect.stringContaining('not valid JSON'), 'error']);
    const figures = await page.evaluate<string[]>(
      `refresh().then(() => [...document.querySelectorAll('article')].map(card => card.querySelector('h2').textContent + ' ' + [...card.querySelectorAll('dd')].slice(0, 3).map(dd => dd.textContent).join(' ')))`,
    );
    expect(figures).toEqual(['text 1 0 1', 'echo 1 0 1', 'counter 1 1 1']);
    expect(page.problems.filter(problem => !problem.includes('400 (Bad Request)'))).toEqual([]);
  });

  test.each([
    ['a phone', { width: 390, height: 844 }],
    ['a phone in the dark', { width: 390, height: 844, dark: true }],
    ['a desk', { width: 1280, height: 900 }],
    ['a desk in the dark', { width: 1280, height: 900, dark: true }],
  ])('%s: nothing sticks out, everything can be read and reached', async (name, screen) => {
    const page = await open(screen);
    await page.evaluate(tried('text', 'a text'));
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(screen.width);
    expect(await page.evaluate<number>(CONTRAST)).toBeGreaterThan(4.5);
    const [red] = (await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).match(/\d+/g)!;
    expect(Number(red) < 128).toBe('dark' in screen);
    // Each field has its label, and what comes is announced.
    expect(
      await page.evaluate<boolean>(
        `[...document.querySelectorAll('textarea')].every(area => area.labels.length === 1) && document.querySelectorAll('pre[role=status]').length === 3`,
      ),
    ).toBe(true);
    expect(page.problems).toEqual([]);
    const picture = await page.screenshot();
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect(picture.length).toBeGreaterThan(10_000);
    const { TD_SCREENSHOTS: folder } = process.env;
    if (folder) writeFileSync(join(folder, `serve, ${name}.png`), picture);
  });
});

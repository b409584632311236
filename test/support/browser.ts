import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Debian's path; another one by TD_CHROMIUM. */
export const CHROMIUM = process.env.TD_CHROMIUM ?? '/usr/bin/chromium';
export const hasBrowser = existsSync(CHROMIUM);

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
];

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** A real browser, spoken to by its DevTools protocol over pipes: one JSON message after another, each ended by a zero byte. */
export class Browser {
  private readonly child: ChildProcess;
  private readonly profile = mkdtempSync(join(tmpdir(), 'td-browser-'));
  private readonly waiting = new Map<number, { resolve(result: never): void; reject(error: Error): void }>();
  private readonly listeners = new Set<(answer: Answer) => void>();
  private lastId = 0;

  constructor() {
    this.child = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${this.profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    let rest = '';
    (this.child.stdio[4] as Readable).on('data', (chunk: Buffer) => {
      const messages = (rest + chunk.toString('utf8')).split('\0');
      rest = messages.pop()!;
      for (const message of messages) this.receive(JSON.parse(message) as Answer);
    });
  }

  /** Opens a page and waits until it is loaded. */
  async open(
    url: string,
    { width, height, dark = false }: { width: number; height: number; dark?: boolean },
  ): Promise<Page> {
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
    const send = <T>(method: string, params: object = {}) => this.send<T>(method, params, sessionId);
    const problems: string[] = [];
    this.listeners.add(({ method, params }) => {
      if (method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown') problems.push(JSON.stringify(params));
    });
    await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    await send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
    await send('Log.enable');
    await send('Runtime.enable');
    await send('Page.enable');
    const loaded = new Promise<void>(resolve => {
      this.listeners.add(({ method }) => method === 'Page.loadEventFired' && resolve());
    });
    await send('Page.navigate', { url });
    await loaded;
    return {
      problems,
      async evaluate<T>(expression: string): Promise<T> {
        const { result } = await send<{ result: { value: T } }>('Runtime.evaluate', {
          expression,
          returnByValue: true,
          awaitPromise: true,
        });
        return result.value;
      },
      async screenshot(): Promise<Buffer> {
        const { data } = await send<{ data: string }>('Page.captureScreenshot', { captureBeyondViewport: true });
        return Buffer.from(data, 'base64');
      },
    };
  }

  async close(): Promise<void> {
    const gone = new Promise(resolve => this.child.once('exit', resolve));
    await this.send('Browser.close').catch(() => this.child.kill('SIGKILL'));
    await gone;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private send<T>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    const id = ++this.lastId;
    const message = JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) });
    (this.child.stdio[3] as Writable).write(`${message}\0`);
    return new Promise<T>((resolve, reject) =>
      this.waiting.set(id, { resolve: resolve as (result: never) => void, reject }),
    );
  }

  private receive(answer: Answer): void {
    for (const listener of this.listeners) listener(answer);
    const waiting = answer.id === undefined ? undefined : this.waiting.get(answer.id);
    if (!waiting) return;
    this.waiting.delete(answer.id!);
    if (answer.error) waiting.reject(new Error(answer.error.message));
    else waiting.resolve(answer.result as never);
  }
}

export interface Page {
  /** What the browser had to say: failed loads, script errors. */
  readonly problems: readonly string[];
  /** Of a promise, what it comes to. */
  evaluate<T>(expression: string): Promise<T>;
  /** The whole page as PNG. */
  screenshot(): Promise<Buffer>;
}

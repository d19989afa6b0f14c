import type { DevTools, Params } from './dev-tools.ts';

/** What is in the window after a navigation. */
export interface Shown {
  readonly url: string;
  readonly status: number;
  /** `h2` or `http/1.1`. */
  readonly protocol: string;
  readonly title: string;
  /** What a reader sees, line by line. */
  readonly text: string;
}

export interface Tab {
  /** As typed into the address line; waits until the last redirect's page is loaded. */
  go(url: string): Promise<Shown>;
  /** Clicks with the mouse on the first button or link whose text begins with `text`, and waits for the page it leads to. */
  click(text: string): Promise<Shown>;
  /** Clicks likewise, on something that leads nowhere. */
  press(text: string): Promise<void>;
  /** The value of an expression in the page; a promise is waited for. */
  evaluate(expression: string): Promise<unknown>;
  prefer(scheme: 'light' | 'dark'): Promise<void>;
  /** As if the window were so many pixels wide. */
  resize(width: number): Promise<void>;
  /** What the browser complained of so far, a broken Content-Security-Policy for one. */
  readonly complaints: readonly string[];
  /** PNG of the whole page. */
  picture(): Promise<Buffer>;
}

/** A new tab. The status of what is shown comes from `Network` events: the page itself does not know it. */
export async function openTab(devTools: DevTools): Promise<Tab> {
  const { targetId } = await devTools.send('Target.createTarget', { url: 'about:blank' });
  const attached = await devTools.send('Target.attachToTarget', { targetId, flatten: true });
  const session = String(attached['sessionId']);
  const send = (method: string, params: Params = {}): Promise<Params> => devTools.send(method, params, session);
  const complaints: string[] = [];
  let answer = { status: 0, protocol: '' };
  let loaded: (() => void) | undefined;
  devTools.on('Page.loadEventFired', session, () => loaded?.());
  devTools.on('Network.responseReceived', session, ({ type, response }) => {
    const { status, protocol } = response as { status: number; protocol: string };
    if (type === 'Document') answer = { status, protocol };
  });
  devTools.on('Log.entryAdded', session, ({ entry }) => {
    const { source, level, text } = entry as { source: string; level: string; text: string };
    // A page with an error status is a complaint of source "network", and what many tests are about.
    if (level === 'error' && source !== 'network') complaints.push(text);
  });
  await Promise.all(['Page.enable', 'Network.enable', 'Log.enable'].map((method) => send(method)));

  async function evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails !== undefined) throw new Error(`The page cannot evaluate ${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value?: unknown }).value;
  }

  async function press(text: string): Promise<void> {
    const { x, y } = (await evaluate(middleOf(text))) as { x: number; y: number };
    for (const type of ['mousePressed', 'mouseReleased'])
      await send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
  }

  async function arriving(leave: () => Promise<void>): Promise<Shown> {
    const arrived = new Promise<void>((resolve) => (loaded = resolve));
    await leave();
    await arrived;
    const seen = '({ url: location.href, title: document.title, text: document.body.innerText })';
    return { ...answer, ...((await evaluate(seen)) as Pick<Shown, 'url' | 'title' | 'text'>) };
  }

  return {
    complaints,
    evaluate,
    press,
    click: (text) => arriving(() => press(text)),
    go: (url) =>
      arriving(async () => {
        const { errorText } = await send('Page.navigate', { url });
        if (errorText !== undefined) throw new Error(`Chromium cannot open ${url}: ${JSON.stringify(errorText)}`);
      }),
    async prefer(scheme) {
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    },
    async resize(width) {
      await send('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: false });
    },
    async picture() {
      const { data } = await send('Page.captureScreenshot', { captureBeyondViewport: true });
      return Buffer.from(String(data), 'base64');
    },
  };
}

function middleOf(text: string): string {
  return `(() => {
    const found = [...document.querySelectorAll('button, a, input[type=submit]')].find((each) => (each.innerText || each.value || '').trim().startsWith(${JSON.stringify(text)}));
    if (found === undefined) throw new Error('nothing to click on says ' + ${JSON.stringify(text)} + ': ' + document.body.innerText);
    found.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = found.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  })()`;
}

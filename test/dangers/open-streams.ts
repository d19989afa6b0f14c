import assert from 'node:assert/strict';
import { get } from 'node:http';

/** What the metrics say is going on now; each request holds the snapshot it was judged by until it counts no more. */
export async function openStreams(metricsPort: number): Promise<number> {
  const text = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port: metricsPort, path: '/metrics', agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
  return Number(/^postern_open_streams (\S+)$/m.exec(text)?.[1] ?? assert.fail('no such metric'));
}

/** Waits until nothing is going on any more; fails after five seconds. */
export async function whenNothingIsOpen(metricsPort: number): Promise<void> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const open = await openStreams(metricsPort);
    if (open === 0) return;
    assert.ok(Date.now() < deadline, `${open} requests are never over`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

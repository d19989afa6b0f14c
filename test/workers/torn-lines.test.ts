import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';

const writer = new URL('../../src/observe/line-writer.ts', import.meta.url).href;

/** Batches of dozens of lines, far beyond what a pipe takes in one piece. */
const program = `
  const { openLineWriter } = await import(${JSON.stringify(writer)});
  const lines = openLineWriter(1, undefined, true);
  const [name] = process.argv.slice(-1);
  for (let batch = 0; batch < 40; batch += 1) {
    for (let line = 0; line < 60; line += 1) lines.write(JSON.stringify({ name, batch, line, text: name.repeat(line * 10) + 'ü' }));
    await new Promise((resolve) => setImmediate(resolve));
  }
`;
const writers = 'for name in a b c; do "$0" --input-type=module --eval "$1" $name & done; wait';

/** A reader that is late, so that the pipe is full and whoever writes more than there is room for has to wait in the middle of it. */
describe('lines that several processes write to one output', { timeout: 60_000 }, () => {
  for (const [output, script] of [
    ['a pipe', `(${writers}) | (sleep 0.5; cat)`],
    ['a socket, as that of a journal is', writers],
  ] as const) {
    it(`stay whole in ${output}`, async () => {
      const shell = spawn('sh', ['-c', script, process.execPath, program], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [out] = await Promise.all([readSlowly(shell.stdout), once(shell, 'close')]);
      const lines = out.trimEnd().split('\n');
      const names = lines.map((line) => (JSON.parse(line) as { readonly name: string }).name);
      const counts = Object.entries(Object.groupBy(names, (name) => name)).map(([name, of]) => [name, of?.length]);
      assert.deepEqual(Object.fromEntries(counts), { a: 2400, b: 2400, c: 2400 });
    });
  }
});

async function readSlowly(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  await sleep(500);
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    if (chunks.length < 200) await sleep(2);
  }
  return Buffer.concat(chunks).toString();
}

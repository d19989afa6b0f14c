import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { execForm, readDockerfile } from '../../scripts/read-dockerfile.ts';

describe('readDockerfile()', () => {
  it('reads stages and instructions, continued lines joined, comments left out', () => {
    assert.deepEqual(readDockerfile('# x\nFROM a AS build\nRUN one \\\n    two\n\nFROM b\nCOPY --from=build /x y\n'), [
      { name: 'build', instructions: [{ word: 'RUN', rest: 'one two' }] },
      { name: undefined, instructions: [{ word: 'COPY', rest: '--from=build /x y' }] },
    ]);
  });

  it('finds an image of ours that runs as somebody, ends on SIGTERM and needs no shell', () => {
    const image = readDockerfile(readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')).at(-1);
    assert.ok(image);
    const last = (word: string): string | undefined => image.instructions.findLast((instruction) => instruction.word === word)?.rest;
    assert.deepEqual([last('USER'), last('STOPSIGNAL'), last('RUN')], ['node', 'SIGTERM', undefined]);
    assert.deepEqual(execForm(image, 'ENTRYPOINT'), ['node', '/opt/postern/bin/postern']);
    assert.deepEqual(execForm(image, 'CMD'), ['run', '--config', '/etc/postern/config.yaml']);
    assert.deepEqual(execForm(image, 'HEALTHCHECK').slice(0, 2), ['node', '-e']);
    assert.throws(() => execForm({ name: undefined, instructions: [{ word: 'CMD', rest: 'node x' }] }, 'CMD'));
  });
});

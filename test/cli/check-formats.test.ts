import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { runCheck } from '../../src/cli/check.ts';
import { type } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-check-'));
const file = join(folder, 'config.yaml');
after(() => rmSync(folder, { recursive: true, force: true }));

const text = `insecure_server: true
routes:
  - from: https://a.corp.example
    prefix: /docs
    to: http://127.0.0.1:1
    allow_public_unauthenticated_access: true
  # postern-ignore: unreachable-route kept for the move
  - from: https://a.corp.example
    path: /docs/x
    to: http://127.0.0.1:1
    allow_public_unauthenticated_access: true
`;

interface Sarif {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly Result[];
  }[];
}
interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: object };
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions?: readonly object[];
}

async function sarifOf(written: string): Promise<readonly Result[]> {
  writeFileSync(file, written, { mode: 0o600 });
  const { out } = await type(runCheck, ['--no-env', '--config', file, '--format', 'sarif']);
  const { version, runs } = JSON.parse(out) as Sarif;
  const [run, ...others] = runs;
  assert.deepEqual([version, others.length], ['2.1.0', 0]);
  const { results, tool } = run ?? assert.fail();
  for (const { ruleId, ruleIndex } of results) assert.equal(tool.driver.rules[ruleIndex]?.id, ruleId);
  return results;
}

function regionOf(result: Result | undefined): object | undefined {
  return result?.locations[0]?.physicalLocation.region;
}

describe('postern check --format sarif', () => {
  it('tells place, code and level of each problem', async () => {
    const [result] = await sarifOf(text);
    const { ruleId, level, locations } = result ?? assert.fail();
    assert.deepEqual([ruleId, level], ['open-prefix', 'warning']);
    assert.deepEqual(locations[0]?.physicalLocation, {
      artifactLocation: { uri: pathToFileURL(file).href },
      region: { startLine: 4, startColumn: 13, endColumn: 18 },
    });
  });

  it('moves with an inserted line, and is known by its fingerprint as the same', async () => {
    const [first] = await sarifOf(text);
    const [second] = await sarifOf(`# a new line\n${text}`);
    assert.deepEqual(
      [regionOf(first), regionOf(second)],
      [
        { startLine: 4, startColumn: 13, endColumn: 18 },
        { startLine: 5, startColumn: 13, endColumn: 18 },
      ],
    );
    assert.deepEqual(first?.partialFingerprints, second?.partialFingerprints);
  });

  it('holds what a comment ignores, as suppressed with its reason', async () => {
    const ignored = (
      await sarifOf(
        text
          .replace('path: /docs/x #', 'path: /docs/x\n    #')
          .replace(
            '- from: https://a.corp.example\n    path',
            '# postern-ignore: unreachable-route kept for the move\n  - from: https://a.corp.example\n    path',
          ),
      )
    ).filter(({ suppressions }) => suppressions !== undefined);
    assert.deepEqual(
      ignored.map(({ ruleId, suppressions }) => [ruleId, suppressions]),
      [['unreachable-route', [{ kind: 'inSource', justification: 'kept for the move' }]]],
    );
  });

  it('holds errors too', async () => {
    const [result] = await sarifOf(text.replace('prefix:', 'prefx:'));
    assert.deepEqual([result?.ruleId, result?.level], ['unknown-key', 'error']);
  });
});

describe('postern check', () => {
  it('fails for warnings with --strict alone', async () => {
    writeFileSync(file, text, { mode: 0o600 });
    const lax = await type(runCheck, ['--no-env', '--config', file]);
    const strict = await type(runCheck, ['--no-env', '--config', file, '--strict']);
    assert.deepEqual([lax.status, strict.status, strict.out], [0, 1, '']);
    assert.equal(lax.err, strict.err);
  });

  it('knows its formats', async () => {
    const { status, err } = await type(runCheck, ['--no-env', '--config', file, '--format', 'xml']);
    assert.deepEqual([status, err.split('\n')[0]], [2, 'Unknown format "xml": write text, json, sarif']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

const file = 'databroker_storage_type: file';
const key = 'databroker_storage_connection_string';

function directory(...lines: readonly string[]): string | undefined {
  return settingsOf(linesOf(...lines)).settings.stateDirectory;
}

describe('readStateDirectory()', () => {
  it('takes either spelling, and both where they mean the same', () => {
    assert.deepEqual(
      [
        directory('state_directory: /var/lib/postern'),
        directory(file, `${key}: file:///var/lib/postern/`),
        directory('databroker_storage_type: FILE', `${key}: FILE:///var/lib/with%20blank`),
        directory(file, `${key}: file:///var/lib/postern`, 'state_directory: /var/lib/postern'),
        directory(file, 'state_directory: /var/lib/postern'),
        directory('databroker_storage_type: memory'),
      ],
      ['/var/lib/postern', '/var/lib/postern', '/var/lib/with blank', '/var/lib/postern', '/var/lib/postern', undefined],
    );
  });

  it('takes the connection string from a file', () => {
    const given = { ...linesOf(file, `${key}_file: dsn`), files: { dsn: 'file:///srv/state\n' } };
    assert.equal(settingsOf(given).settings.stateDirectory, '/srv/state');
  });

  it('refuses connection strings that name no directory, without quoting them', () => {
    const wrong = [
      'hunter2',
      'file:/hunter2',
      'file://hunter2/x',
      'file:///a%2Fhunter2',
      'file:///hunter2?x',
      'postgres://hunter2@db/x',
      'file:///a b',
    ];
    assert.deepEqual(
      wrong.flatMap((text) => toldOf(file, `${key}: ${text}`)),
      wrong.map(() => `error invalid-value: ${key} must be file:///directory, with three slashes`),
    );
  });

  it('warns of a connection string that nobody looks at', () => {
    assert.deepEqual(toldOf(`${key}: file:///x`), [`warning no-effect: ${key} has no effect without databroker_storage_type: file`]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

describe('readLogFields()', () => {
  it('takes the optional ones of both lists, each once and whatever its case', () => {
    const document = settingsOf(
      linesOf('access_log_fields: [User-Agent, method, headers.X-Team]', 'authorize_log_fields: [user-agent, size, Headers.x-team, ip]'),
    );
    assert.deepEqual(document.settings.logFields, ['user-agent', 'headers.X-Team', 'size']);
  });

  it('only warns of those that there are not', () => {
    assert.deepEqual(toldOf('access_log_fields: [sizee, zzzzzzzzzz, body, mcp-tool]', 'authorize_log_fields: ["headers.a b"]'), [
      'warning unknown-log-field: access_log_fields[0] "sizee" is not known, and nothing is logged for it, did you mean "size"?',
      'warning unknown-log-field: access_log_fields[1] "zzzzzzzzzz" is not known, and nothing is logged for it',
      'warning unknown-log-field: access_log_fields[2] "body" is not logged here: the line of a request has no such field',
      'warning unknown-log-field: access_log_fields[3] "mcp-tool" is not logged here: the line of a request has no such field',
      'warning unknown-log-field: authorize_log_fields[0] "headers.a b" names no header: write headers. and its name',
    ]);
  });

  it('leaves out headers that hold credentials', () => {
    const names = ['Authorization', 'COOKIE', 'Proxy-Authorization', 'Set-Cookie', 'X-Api-Key', 'X-Auth-Token', 'X-Pomerium-Jwt-Assertion'];
    const { settings, warnings } = settingsOf(linesOf(`access_log_fields: [${names.map((name) => `headers.${name}`).join(', ')}]`));
    assert.deepEqual([settings.logFields, warnings.filter(({ code }) => code === 'unknown-log-field').length], [[], names.length]);
  });
});

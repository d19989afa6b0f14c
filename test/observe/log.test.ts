import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Secret } from '../../src/config/secret.ts';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import type { LogFields } from '../../src/observe/log.ts';
import { createLog } from '../../src/observe/log.ts';
import type { RequestRecord } from '../../src/observe/request-record.ts';

const run = promisify(execFile);
const logModule = new URL('../../src/observe/log.ts', import.meta.url).href;

function linesAt(level: string, use: (log: ReturnType<typeof createLog>) => void): readonly unknown[] {
  const lines: string[] = [];
  use(createLog({ level, write: (line) => lines.push(line), now: () => 0 }));
  return lines.map((line) => JSON.parse(line) as unknown);
}

function fieldsOf(fields: LogFields): unknown {
  const [line] = linesAt('info', (log) => log.info(fields, 'm'));
  return line;
}

function messagesAt(level: string): readonly unknown[] {
  const lines = linesAt(level, (log) => {
    log.debug({}, 'debug');
    log.info({}, 'info');
    log.warn({}, 'warn');
    log.error({}, 'error');
  });
  return lines.map((line) => (line as { msg: unknown }).msg);
}

/** How many lines of 5,000 arrive when a process ends in the way given. */
async function countLines(ending: string): Promise<number> {
  const program = `
    import { createLog } from ${JSON.stringify(logModule)};
    const log = createLog({ level: 'info' });
    for (let i = 0; i < 5000; i += 1) log.info({ i }, 'line');
    ${ending}`;
  const ended = run(process.execPath, ['--input-type=module', '--eval', program], { maxBuffer: 1e8 });
  const { stdout } = await ended.catch((error: { stdout: string }) => error);
  return stdout.split('\n').filter((line) => (JSON.parse(line || '{}') as { msg?: string }).msg === 'line').length;
}

const record: RequestRecord = {
  id: 'r',
  receivedAt: 0,
  durationMs: 1,
  upstreamMs: null,
  method: 'GET',
  host: 'h',
  path: '/',
  status: 200,
  decision: 'own',
  reasons: [],
  route: null,
  user: null,
  email: null,
  clientCertificateSha256: null,
  certificateDetail: null,
  certificateRule: null,
  remoteAddress: '::1',
  protocol: 'h2',
  sni: null,
  failure: null,
  bytesSent: 0,
  further: undefined,
};

const head = { level: 'info', time: '1970-01-01T00:00:00.000Z' };

describe('createLog()', () => {
  it('writes one object a line, with level, time, fields and message', () => {
    assert.deepEqual(fieldsOf({ group: 'g1', count: 2, big: 3n, nothing: null }), {
      ...head,
      group: 'g1',
      count: 2,
      big: '3',
      nothing: null,
      msg: 'm',
    });
  });

  it('writes what is at its level or above', () => {
    assert.deepEqual(messagesAt('trace'), ['debug', 'info', 'warn', 'error']);
    assert.deepEqual(messagesAt('info'), ['info', 'warn', 'error']);
    assert.deepEqual(messagesAt('error'), ['error']);
    assert.throws(() => createLog({ level: 'loud' }));
  });

  it('redacts what stands under the name of a secret, at every depth and in every spelling', () => {
    const secrets = {
      Authorization: 's',
      cookie: 's',
      'Set-Cookie': 's',
      set_cookie: 's',
      code: 's',
      state: 's',
      id_token: 's',
      clientSecret: 's',
    };
    const redacted = Object.fromEntries(Object.keys(secrets).map((name) => [name, '[redacted]']));
    assert.deepEqual(fieldsOf({ ...secrets, headers: [secrets] }), { ...head, ...redacted, headers: [redacted], msg: 'm' });
    assert.deepEqual(fieldsOf({ key: new Secret('s') }), { ...head, key: '[secret]', msg: 'm' });
  });

  it('writes a URL without its query and user information, and bytes as their number', () => {
    assert.deepEqual(fieldsOf({ url: new URL('https://u:p@idp.example/a?code=s#f'), bytes: new Uint8Array(3) }), {
      ...head,
      url: 'https://idp.example/a',
      bytes: '[3 bytes]',
      msg: 'm',
    });
  });

  it('writes an error with its code and the chain of its causes, without stacks', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const cause = new AggregateError([refused], 'every address failed');
    assert.deepEqual(fieldsOf({ error: new ProxyFailure('upstream-unreachable', 'Cannot connect to the upstream', { cause }) }), {
      ...head,
      error: {
        message: 'Cannot connect to the upstream',
        code: 'upstream-unreachable',
        cause: { message: 'every address failed', errors: [{ message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' }] },
      },
      msg: 'm',
    });
  });

  it('writes stacks when it writes debug lines', () => {
    const [line] = linesAt('debug', (log) => log.error({ error: new Error('x') }, 'm'));
    assert.match(JSON.stringify(line), /log\.test\.ts/);
  });

  it('ends chains of causes that are circles, and objects that are too deep', () => {
    const error = new Error('round');
    error.cause = error;
    const deep: Record<string, unknown> = {};
    deep['deep'] = deep;
    const line = JSON.stringify(fieldsOf({ error, deep }));
    assert.ok(line.length < 1000);
    assert.match(line, /\[…\]/);
  });

  it('writes fields as deep as the table of hosts', () => {
    const hosts = [{ revocation: [{ mode: 'strict', sources: ['crl_file'] }] }];
    assert.partialDeepStrictEqual(fieldsOf({ hosts }), { hosts });
  });

  it('keeps the names that every line has of its own', () => {
    assert.deepEqual(fieldsOf({ level: 'fatal', time: 1, msg: 'forged' }), {
      ...head,
      level_: 'fatal',
      time_: 1,
      msg_: 'forged',
      msg: 'm',
    });
  });

  it('escapes control characters in fields and messages, and cuts what is too long', () => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', write: (line) => lines.push(line) });
    log.info({ sni: 'a\u001b[2J\u009b\n', long: 'x'.repeat(10_000) }, 'b\u007f');
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /"sni":"a\\u001b\[2J\\u009b\\n","long":"x{8192}…","msg":"b\\u007f"}$/);
  });

  it('writes request lines at info only', () => {
    assert.deepEqual(
      ['debug', 'info', 'warn'].map((level) => linesAt(level, (log) => log.request(record)).length),
      [1, 1, 0],
    );
  });

  it('loses no line to standard output when the process ends at once, exits or crashes', async () => {
    assert.deepEqual(
      await Promise.all([
        countLines(''),
        countLines('process.exit(3)'),
        countLines('throw new Error("x")'),
        countLines('await log.flush(); process.kill(process.pid, "SIGKILL")'),
      ]),
      [5000, 5000, 5000, 5000],
    );
  });
});

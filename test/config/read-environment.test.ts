import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parseYaml } from '../../src/config/parse-yaml.ts';
import { readEnvironment, variableKeys, variableName } from '../../src/config/read-environment.ts';
import { usualRevocation } from '../../src/config/revocation-settings.ts';
import { outcomeOf, settingsOf, told } from './given-settings.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const certificate = { CERTIFICATE_FILE: 's.pem', CERTIFICATE_KEY_FILE: 's.key' };
const files = { './s.pem': 'cert', './s.key': 'key', './ca.pem': 'ca' };

describe('a configuration in the environment', () => {
  it('is enough, with lists, maps, numbers, truth values and routes', () => {
    const environment = {
      ...certificate,
      ADDRESS: ':443,[::1]:3443',
      COOKIE_HTTP_ONLY: 'F',
      IDP_SCOPES: 'openid, email',
      JWT_CLAIMS_HEADERS: '{"X-Email": "email"}',
      DOWNSTREAM_MTLS_CA_FILE: 'ca.pem',
      DOWNSTREAM_MTLS_MAX_VERIFY_DEPTH: '2',
      DOWNSTREAM_MTLS_SEND_CA_NAMES: 'false',
      DOWNSTREAM_MTLS_REVOCATION: '{"mode": "skip"}',
      BIND_SESSION_TO_CERTIFICATE: 'true',
      PASS_CLIENT_CERTIFICATE: 'rfc9440, xfcc',
      ACCEPT_CLIENT_CERTIFICATE: '{"dialect": "xfcc", "from": ["10.0.0.1"]}',
      STATE_DIRECTORY: 'state',
      METRICS_ADDRESS: '',
      ROUTES: base64('- {from: https://a.x, to: http://b}\n'),
      POLICY: '[{"from": "https://c.x", "to": "http://d"}]',
      PATH: '/usr/bin',
    };
    const { settings, warnings, files: watched } = settingsOf({ environment, files });
    const { address, cookie, identityProvider, jwtClaimsHeaders, downstreamMtls, stateDirectory, metrics, routes } = settings;
    const [{ bindSession, passClientCertificate } = {}] = routes;
    assert.deepEqual(
      {
        address,
        httpOnly: cookie.httpOnly,
        identityProvider,
        jwtClaimsHeaders,
        downstreamMtls,
        stateDirectory,
        metrics,
        bindSession,
        passed: passClientCertificate?.map(({ dialect }) => dialect),
        accepted: settings.acceptedCertificates,
        froms: routes.map(({ from }) => from),
      },
      {
        address: [
          { host: '', port: 443 },
          { host: '::1', port: 3443 },
        ],
        httpOnly: false,
        identityProvider: undefined,
        jwtClaimsHeaders: [{ header: 'X-Email', claim: 'email' }],
        downstreamMtls: {
          ca: { text: 'ca', label: 'ca.pem', path: ['downstream_mtls', 'ca_file'] },
          enforcement: 'policy_with_default_deny',
          maxVerifyDepth: 2,
          crl: undefined,
          matchSubjectAltNames: [],
          sendCaNames: false,
          allowPartialChain: true,
          requireClientAuthEku: false,
          revocation: { ...usualRevocation, mode: 'skip' },
        },
        stateDirectory: resolve('state'),
        metrics: undefined,
        bindSession: 'certificate',
        passed: ['rfc9440', 'xfcc'],
        accepted: [{ dialect: 'xfcc', from: ['10.0.0.1'] }],
        froms: ['https://c.x', 'https://a.x'],
      },
    );
    assert.deepEqual([warnings, watched.toSorted()], [[], ['ca.pem', 's.key', 's.pem'].map((name) => resolve(name))]);
  });

  it('beats the file, says so, and keeps what the file says beside it', () => {
    const text =
      'log_level: info\ndownstream_mtls:\n  ca_file: file.pem\n  max_verify_depth: 3\nroutes: [{from: "https://a", to: "http://b"}]';
    const environment = { ...certificate, LOG_LEVEL: 'debug', DOWNSTREAM_MTLS_CA_FILE: 'ca.pem', COOKIE_NAME: 'c' };
    const { settings, warnings } = settingsOf({ text, environment, files });
    assert.deepEqual(
      [settings.logLevel, settings.downstreamMtls.ca?.text, settings.downstreamMtls.maxVerifyDepth, settings.cookie.name],
      ['debug', 'ca', 3, 'c'],
    );
    assert.deepEqual(warnings, [
      {
        severity: 'warning',
        code: 'overridden',
        message: 'The variable DOWNSTREAM_MTLS_CA_FILE overrides downstream_mtls.ca_file at etc/config.yaml:3',
        place: { kind: 'environment', variable: 'DOWNSTREAM_MTLS_CA_FILE' },
      },
      {
        severity: 'warning',
        code: 'overridden',
        message: 'The variable LOG_LEVEL overrides log_level at etc/config.yaml:1',
        place: { kind: 'environment', variable: 'LOG_LEVEL' },
      },
    ]);
  });

  it('is not looked at when it is left out', () => {
    const result = outcomeOf({ text: 'log_level: info' });
    assert.equal(result.ok, false);
  });

  it('places problems at their variable, and inside ROUTES by path', () => {
    const environment = {
      ...certificate,
      LOG_LEVEL: 'loud',
      COOKIE_HTTP_ONLY: 'perhaps',
      ROUTES: base64('- {from: https://a, too: http://b}'),
    };
    assert.deepEqual(
      told({ environment, files }).map(({ message, place }) => [place, message]),
      [
        [{ kind: 'environment', variable: 'COOKIE_HTTP_ONLY' }, 'The value must be true or false'],
        [{ kind: 'environment', variable: 'ROUTES' }, 'unknown key "too" in routes[0], did you mean "to"?'],
        [
          { kind: 'environment', variable: 'ROUTES' },
          'routes[0] leads nowhere: write to with an upstream like http://127.0.0.1:8080, or redirect, or response',
        ],
        [{ kind: 'environment', variable: 'LOG_LEVEL' }, 'log_level "loud" is not known: write trace, debug, info, warn or error'],
      ],
    );
  });

  it('refuses both spellings of one thing, also when one is in the file', () => {
    const problems = told({ text: 'shared_secret: abc\nroutes: []', environment: { ...certificate, SHARED_SECRET_FILE: 'x' }, files });
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error').map(({ message, place }) => [message, place]),
      [['shared_secret and shared_secret_file are both set: keep one of them', { kind: 'environment', variable: 'SHARED_SECRET_FILE' }]],
    );
  });

  it('leaves a file that is wrong to its own error', () => {
    const messages = told({ text: 'downstream_mtls: 5', environment: { ...certificate, DOWNSTREAM_MTLS_CA_FILE: 'ca.pem' }, files }).map(
      ({ message }) => message,
    );
    assert.ok(messages.includes('downstream_mtls must be a map, not 5'));
  });
});

describe('readEnvironment()', () => {
  it('refuses keys that are not built or were removed, and only warns where other programs use the name too', () => {
    const { problems } = readEnvironment({
      AUTOCERT: 'true',
      CODEC_TYPE: 'http3',
      IDP_QPS: '3',
      OTEL_LOG_LEVEL: 'info',
      AUTOCERT_DIR: '',
    });
    assert.deepEqual(
      problems.map(({ severity, message }) => `${severity} ${message}`),
      [
        'warning autocert is not supported yet: write certificates, from a program that renews them; changed files are read again; the variable is ignored',
        'error codec_type is not supported yet; unset the variable',
        'warning otel_log_level is not supported yet; the variable is ignored',
        'error idp_qps was removed from Pomerium and means nothing here: leave it out, groups come from the claim groups; unset the variable',
      ],
    );
  });

  it('tells what a variable must be without quoting it', () => {
    const values = {
      DOWNSTREAM_MTLS_MAX_VERIFY_DEPTH: 'hunter2',
      DOWNSTREAM_MTLS: '{hunter2',
      ACCESS_LOG_FIELDS: '[hunter2',
      RUNTIME_FLAGS: '{hunter2',
      ROUTES: '!hunter2!',
      POLICY: base64('- "hunter2'),
      CERTIFICATES: 'a: b: c',
    };
    const { problems, settings } = readEnvironment(values);
    assert.deepEqual([settings, problems.length, problems.filter(({ message }) => message.includes('hunter2'))], [[], 7, []]);
  });

  it('takes the headers of answers from HEADERS, in pairs or as JSON', () => {
    const texts = ['X-Frame-Options: DENY,X-Time:12:30', '{"X-Frame-Options": "DENY", "X-Time": "12:30"}'];
    const read = texts.map((HEADERS) => readEnvironment({ HEADERS }).settings);
    const expected = {
      variable: 'HEADERS',
      path: ['set_response_headers'],
      value: { 'X-Frame-Options': 'DENY', 'X-Time': '12:30' },
    };
    assert.deepEqual(read, [[expected], [expected]]);
  });

  it('refuses HEADERS that can be read in two ways, without quoting them', () => {
    const wrong = ['X-Frame-Options', 'A:1,hunter2', 'A:1,A:2', '{"A": hunter2', ':hunter2'];
    const problems = wrong.flatMap((HEADERS) => readEnvironment({ HEADERS }).problems);
    assert.deepEqual(
      problems.map(({ code, place, message }) => [code, place?.kind, message.includes('hunter2')]),
      wrong.map(() => ['wrong-type', 'environment', false]),
    );
    const both = readEnvironment({ HEADERS: 'A:1', SET_RESPONSE_HEADERS: '{"A": "1"}' }).problems;
    assert.deepEqual(
      both.map(({ code, message }) => `${code} ${message}`),
      ['conflicting-keys The variables HEADERS and SET_RESPONSE_HEADERS are both set: keep one of them'],
    );
  });

  it('reads maps and lists of maps as JSON, and lists of words with commas or blanks', () => {
    const { settings, problems } = readEnvironment({
      IDP_REQUEST_PARAMS: '{"prompt": "login"}',
      RUNTIME_FLAGS: '{"mcp": true}',
      DOWNSTREAM_MTLS_MATCH_SUBJECT_ALT_NAMES: '[{"dns": "a"}]',
      ACCESS_LOG_FIELDS: 'user-agent, query',
      XFF_NUM_TRUSTED_HOPS: '2',
      IDP_SCOPES: 'openid email',
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(Object.fromEntries(settings.map(({ variable, value }) => [variable, value])), {
      XFF_NUM_TRUSTED_HOPS: 2,
      IDP_SCOPES: 'openid email',
      IDP_REQUEST_PARAMS: { prompt: 'login' },
      DOWNSTREAM_MTLS_MATCH_SUBJECT_ALT_NAMES: [{ dns: 'a' }],
      ACCESS_LOG_FIELDS: ['user-agent', 'query'],
      RUNTIME_FLAGS: { mcp: true },
    });
  });

  it('takes people and tests from no variable', () => {
    assert.deepEqual(readEnvironment({ PEOPLE: '{}', TESTS: '[]' }), { settings: [], problems: [] });
  });

  it('names every key by its path in upper case', () => {
    const names = variableKeys().map(({ path }) => variableName(path));
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(
      ['TIMEOUT_READ', 'METRICS_CLIENT_CA_FILE', 'DOWNSTREAM_MTLS_CRL_FILE', 'PEOPLE', 'TESTS'].map((name) => names.includes(name)),
      [true, true, true, false, false],
    );
  });

  it('reads truth values as Go does', () => {
    assert.deepEqual(
      ['1', 't', 'TRUE', 'True', '0', 'f', 'False', 'yes'].map((text) => readEnvironment({ COOKIE_HTTP_ONLY: text }).settings[0]?.value),
      [true, true, true, true, false, false, false, undefined],
    );
  });

  it('leaves a value that only looks like a list alone', () => {
    assert.deepEqual(readEnvironment({ ADDRESS: '[::1]:443' }).settings[0]?.value, '[::1]:443');
    assert.deepEqual(readEnvironment({ ADDRESS: '[":443", ":3443"]' }).settings[0]?.value, parseYaml('[":443", ":3443"]', '').value);
  });
});

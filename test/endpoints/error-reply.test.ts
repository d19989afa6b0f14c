import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorReply } from '../../src/endpoints/error-reply.ts';
import { errorText } from '../../src/endpoints/error-text.ts';
import { reasonTexts } from '../../src/endpoints/reason-text.ts';
import { headerValue } from '../../src/http/header-list.ts';
import { readPage } from './read-page.ts';

const reference = 'reference-1';
const json = ['Accept', 'application/json'];
const ownStatuses = [400, 401, 403, 404, 405, 408, 421, 431, 495, 500, 501, 502, 503, 504];

describe('errorReply()', () => {
  for (const status of ownStatuses)
    it(`tells a visitor what ${status} means and what to do next`, () => {
      const reply = errorReply({ status, reference, headers: [] });
      const page = readPage(reply);
      assert.equal(page.status, status);
      assert.equal(page.title, errorText(status).title);
      assert.ok(page.main.startsWith(`${status} ${page.title}`));
      assert.match(page.main, /What you can do/);
      assert.match(String(reply.body), /Reference: <span class="mono">reference-1<\/span>/);
      assert.equal(headerValue(reply.headers, 'x-pomerium-intercepted-response'), 'true');
      assert.match(page.csp, /; form-action 'self'; /);
    });

  it('has one text a status, and a general one for every other', () => {
    assert.equal(new Set(ownStatuses.map((status) => errorText(status).short)).size, ownStatuses.length);
    assert.deepEqual(
      [418, 599].map((status) => errorText(status).short),
      ['Request refused', 'Request failed'],
    );
  });

  it('says in the words that clients look for that a certificate is required, in every form', () => {
    const sentence = 'a valid client certificate is required to access this page';
    for (const accept of ['text/html', 'application/json', 'text/plain', 'application/grpc']) {
      const reply = errorReply({ status: 495, reference, headers: ['Accept', accept] });
      assert.ok(`${String(reply.body)}${headerValue(reply.headers, 'grpc-message') ?? ''}`.includes(sentence), accept);
    }
  });

  it('tells everybody without a valid certificate the same, whatever the status, but for the reference', () => {
    const text = 'client-certificate';
    const body = (status: number) => String(errorReply({ status, text, reference, headers: [] }).body).replace(`>${status}<`, '>495<');
    assert.deepEqual([401, 403].map(body), [body(495), body(495)]);
    assert.equal(body(495), errorReply({ status: 495, reference, headers: [] }).body);
    const other = errorReply({ status: 495, reference: 'reference-2', headers: [] });
    assert.equal(String(other.body).replaceAll('reference-2', reference), body(495));
  });

  it('says how to import a certificate and how to be asked again, folded up', () => {
    const page = String(errorReply({ status: 495, reference, headers: [] }).body);
    const headings = [...page.matchAll(/<details>\s*<summary>([^<]*)<\/summary>\s*<p>([^<]{20,})<\/p>\s*<\/details>/g)].map(
      (found) => found[1],
    );
    assert.deepEqual([headings.length, headings.at(-1)], [6, 'Be asked again, to choose another certificate']);
    for (const browser of ['Firefox', 'Chrome', 'Edge', 'Safari', 'iPhone', 'Android']) assert.ok(page.includes(browser), browser);
  });

  it('names the first five authorities whose certificates are wanted, in the page and in plain text', () => {
    const names = ['One', '<b>Two</b>', 'Three', 'Four', 'Five', 'Six', 'Seven'];
    const told = (authorities: readonly string[]) =>
      /Which certificate (.*?) What you can do/.exec(readPage(errorReply({ status: 495, authorities, reference, headers: [] })).main)?.[1];
    assert.equal(told(names), 'It has to be issued by one of these authorities: One <b>Two</b> Three Four Five 2 more');
    assert.equal(told(['One']), 'It has to be issued by this authority: One');
    assert.equal(told([]), undefined);
    const plain = errorReply({ status: 495, authorities: names, reference, headers: ['Accept', 'text/plain'] });
    assert.match(String(plain.body), /\n\nIssued by: One; <b>Two<\/b>; Three; Four; Five\n\n- If/);
    assert.doesNotMatch(String(errorReply({ status: 495, authorities: names, reference, headers: json }).body), /One/);
  });

  it('has words of its own for refusals that the status says too little of', () => {
    const reasons = [...reasonTexts.keys()];
    assert.deepEqual(reasons, [
      'client-certificate-not-mapped',
      'session-certificate-mismatch',
      'client-certificate-too-large',
      'client-certificate-header',
      'cross-site-request',
    ]);
    for (const [reason, text] of reasonTexts) {
      const page = readPage(errorReply({ status: 403, ...text, reference, headers: [] }));
      assert.ok(page.main.startsWith(`403 ${text.title} ${text.message} What you can do ${text.nextStep}`), reason);
    }
  });

  it('answers JSON with an error and the reference, and nothing else', () => {
    assert.deepEqual(errorReply({ status: 401, reference, headers: json }), {
      status: 401,
      headers: ['Content-Type', 'application/json; charset=utf-8', 'X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-store'],
      body: '{"error":"Unauthenticated","request_id":"reference-1"}\n',
    });
  });

  it('answers plain text with the same words as the page', () => {
    assert.deepEqual(errorReply({ status: 421, reference, headers: ['Accept', 'text/plain'], extraHeaders: ['Connection', 'close'] }), {
      status: 421,
      headers: [
        'Content-Type',
        'text/plain; charset=utf-8',
        'X-Content-Type-Options',
        'nosniff',
        'Cache-Control',
        'no-store',
        'Connection',
        'close',
      ],
      body:
        'Please reload this page\n\nYour browser asked for this page over a connection that it had opened for another site.\n\n' +
        'Reload the page, and if it comes up again, close all windows of your browser before you open it anew.\n\nReference: reference-1\n',
    });
  });

  it('lists several things to do in plain text', () => {
    assert.match(
      String(errorReply({ status: 503, reference, headers: ['Accept', 'text/plain'] }).body),
      /\n\n- Try again in a moment\.\n- If/,
    );
  });

  it('answers gRPC with trailers only, in the content type that was asked with', () => {
    const ofStatus = (status: number) =>
      headerValue(errorReply({ status, reference, headers: ['Content-Type', 'application/grpc'] }).headers, 'grpc-status');
    assert.deepEqual([400, 401, 403, 404, 429, 502, 503, 504, 495, 500].map(ofStatus), [
      '13',
      '16',
      '7',
      '12',
      '14',
      '14',
      '14',
      '14',
      '16',
      '2',
    ]);
    assert.deepEqual(
      errorReply({
        status: 403,
        message: 'no 100% \u00e4',
        reference,
        headers: ['Content-Type', 'application/grpc-web+proto; a=b'],
        grpc: 9,
      }),
      {
        status: 200,
        headers: [
          'Content-Type',
          'application/grpc-web+proto',
          'Cache-Control',
          'no-store',
          'grpc-status',
          '9',
          'grpc-message',
          'no 100%25 %C3%A4 (reference-1)',
        ],
        body: '',
      },
    );
  });

  it('does not echo a content type that only begins like gRPC', () => {
    const { headers } = errorReply({ status: 403, reference, headers: ['Content-Type', 'application/grpc"><script>'] });
    assert.equal(headerValue(headers, 'content-type'), 'application/grpc');
  });

  it('takes a title, a message and a next step of the caller, and passes further headers on', () => {
    const custom = { title: 'T', message: 'M', nextStep: 'N', reference };
    const reply = errorReply({ status: 405, ...custom, headers: [], extraHeaders: ['Allow', 'GET'] });
    assert.equal(readPage(reply).main, '405 T M What you can do N');
    assert.equal(headerValue(reply.headers, 'allow'), 'GET');
    assert.equal(errorReply({ status: 405, ...custom, headers: json }).body, '{"error":"M","request_id":"reference-1"}\n');
  });

  it('escapes hostile text in every part of a page, and in JSON too', () => {
    const hostile = `"><script>alert(1)</script>'\`&\0\u001b`;
    const input = { status: 400, title: hostile, message: hostile, nextStep: hostile, reference: hostile };
    const page = readPage(errorReply({ ...input, headers: [] }));
    assert.ok(page.main.includes(`"><script>alert(1)</script>'\`&\ufffd\ufffd`));
    const body = String(errorReply({ ...input, headers: json }).body);
    assert.doesNotMatch(body, /[<>&]/);
    assert.deepEqual(JSON.parse(body), { error: hostile, request_id: hostile });
  });
});

describe('errorReply() to kubectl', () => {
  it('is a Status object, the only error whose message kubectl shows', () => {
    for (const agent of ['kubectl/v1.31.0 (linux/amd64) kubernetes/9edcffc', 'helm/v3 (x) kubernetes/$Format']) {
      const headers = ['User-Agent', agent, 'Accept', 'application/json, */*'];
      const reply = errorReply({ status: 403, reference, headers });
      assert.equal(reply.status, 403);
      assert.deepEqual(JSON.parse(String(reply.body)), {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: `Forbidden (${reference})`,
        reason: 'Forbidden',
        code: 403,
      });
    }
  });

  it('is a page for a browser, whatever else its name says', () => {
    const headers = ['User-Agent', 'Mozilla/5.0 (kubernetes-dashboard)', 'Accept', 'text/html'];
    assert.match(String(errorReply({ status: 403, reference, headers }).body), /^<!doctype html>/i);
  });
});

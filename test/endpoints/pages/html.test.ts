import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { html } from '../../../src/endpoints/pages/html.ts';

describe('html()', () => {
  it('escapes whatever is put in, for text and for attributes', () => {
    const hostile = `"><script>alert('x')</script>&\``;
    assert.equal(
      html`<p title="${hostile}">${hostile}</p>`.toString(),
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&#96;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&#96;</p>',
    );
  });

  it('keeps markup of its own, one piece or a list, and leaves nothing for what is absent', () => {
    const items = [html`<li>${1}</li>`, html`<li>${'<'}</li>`];
    assert.equal(html`<p>${undefined}${items}${false}</p>`.toString(), '<p><li>1</li><li>&lt;</li></p>');
  });

  it('escapes an object that only looks like markup', () => {
    const lookalike: unknown = { toString: () => '<b>' };
    assert.equal(html`${String(lookalike)}`.toString(), '&lt;b&gt;');
  });

  it('replaces control characters, so that nothing is joined by a reader that drops them', () => {
    assert.equal(html`a${'<\0script\u001b\u0085\t\n'}`.toString(), 'a&lt;\ufffdscript\ufffd\ufffd\t\n');
  });
});

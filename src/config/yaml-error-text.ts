import type { ErrorCode, YAMLError } from 'yaml';

/**
 * What is wrong with a YAML text, in our own words: the library's messages quote the text, which may be a secret, and
 * speak of tokens.
 */
export function yamlErrorText(error: YAMLError): string {
  const { code, message } = error;
  const unclosed = code === 'BAD_INDENT' ? unclosedFlow.exec(message) : null;
  if (unclosed !== null)
    return `Cannot read the YAML: a ${unclosed[1] === ']' ? 'list' : 'map'} is not closed, write ${unclosed[1] ?? ''} where it ends`;
  if (isUnclosedQuote(error)) return 'Cannot read the YAML: a quoted text is not closed';
  return `Cannot read the YAML: ${sentences[code]}`;
}

export function isUnclosedQuote({ message }: YAMLError): boolean {
  return /^Missing closing .quote/.test(message);
}

const unclosedFlow = /end with an? ([\]}])/;

const indentation = 'the indentation does not fit the lines above, indent what belongs together alike';
const property = 'an anchor or a tag stands where none can';

const sentences: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: property,
  BAD_ALIAS: 'the name of an alias or anchor is not valid; a text that begins with * or & needs quotes',
  BAD_DIRECTIVE: 'this directive is not known, leave it out',
  BAD_DQ_ESCAPE: 'this escape is not known; write \\\\ for a backslash, or use single quotes',
  BAD_INDENT: indentation,
  BAD_PROP_ORDER: property,
  BAD_SCALAR_START: "a text can't begin with this character unless it is quoted",
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " on one line; quote the value if it is a text',
  BLOCK_IN_FLOW: "a list or map in brackets can't hold one that is written line by line",
  DUPLICATE_KEY: 'this key was written before in the same map, remove one of them',
  IMPOSSIBLE: 'the text is not valid here',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'something is missing here: a colon after a key, a comma, or a space',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line; perhaps a colon is missing, or indentation',
  MULTIPLE_ANCHORS: property,
  MULTIPLE_DOCS: 'there is more than one document',
  MULTIPLE_TAGS: property,
  NON_STRING_KEY: 'a key must be a text',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
  TAB_AS_INDENT: "a tab can't indent, write spaces",
  TAG_RESOLVE_FAILED: 'this tag is not known, leave it out',
  UNEXPECTED_TOKEN: 'the text is not valid here; perhaps quotes or indentation are missing',
  BAD_COLLECTION_TYPE: 'this tag does not fit a list or a map',
};

const userPart = /(?<=\/\/)(?:\S*|[^"',{}[\]]*)(?=@)/g;
// The same where a slash is missing: a slip of the pen must not bring a password to light.
const oddUserPart = /[^\s"'/]+:(?!\/\/)[^\s"']*(?=@)/g;
// `//name:word` without a user part: where a port should be, and no number is, a password may have lost its `@`.
const oddPort = /(?<=\/\/[^\s/:[]*:)(?!\d{1,5}(?:[/?#\s"',}\]]|$))[^\s/"',}\]]+/g;

/** A text in which the user part of every URL, and what may be one, was put through `hide`. */
export function hideUserInformation(text: string, hide: (part: string) => string): string {
  // Without an `@` there is nothing to find, and the search takes quadratic time in a long line.
  const shown = text.includes('@') ? text.replace(userPart, hide).replace(oddUserPart, hide) : text;
  return shown.replace(oddPort, hide);
}

/**
 * Text of whole lines in pieces of at most so many bytes, cut at line ends. Several processes write to one pipe: what is at most `PIPE_BUF` bytes
 * (4,096 on Linux) gets into it in one piece, and of longer texts the pieces of others may stand within a line (POSIX, write()). A line that is
 * longer by itself goes alone, and may be torn.
 */
export function cutLines(text: string, mostBytes: number): readonly string[] {
  // No character takes more than three bytes for each of its units.
  if (text.length * 3 <= mostBytes || Buffer.byteLength(text) <= mostBytes) return [text];
  const pieces: string[] = [];
  let begin = 0;
  let size = 0;
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at) + 1 || text.length;
    const length = Buffer.byteLength(text.slice(at, end));
    if (size > 0 && size + length > mostBytes) {
      pieces.push(text.slice(begin, at));
      begin = at;
      size = 0;
    }
    size += length;
    at = end;
  }
  pieces.push(text.slice(begin));
  return pieces;
}

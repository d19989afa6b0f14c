import type { ProblemCode } from '../src/config/problem-codes.ts';
import { isErrorCode, problemTexts } from '../src/config/problem-codes.ts';

/** docs/errors.md, from the table of codes. */
export function errorsPage(): string {
  const codes = Object.keys(problemTexts) as ProblemCode[];
  return `# Errors and warnings

Everything that \`postern check\` can say about a configuration, by its code. \`run\`, \`explain\` and \`test\` refuse what \`check\`
refuses. With \`--format json\` or \`--format sarif\` the code is a field of its own.

This page is written by \`node scripts/write-docs.ts\` from \`src/config/problem-codes.ts\`; a test compares the two.

## Errors

Nothing starts while there is one, and a reload with one changes nothing.

${section(codes.filter((code) => isErrorCode(code)))}
## Warnings

They keep nothing from starting; with \`--strict\` they make \`check\` fail. A comment ignores one, with a reason, on the line that is
pointed at or alone above it:

\`\`\`yaml
# postern-ignore: open-prefix both pages are meant to be public
prefix: /docs
\`\`\`

${section(codes.filter((code) => !isErrorCode(code)))}`;
}

function section(codes: readonly ProblemCode[]): string {
  return codes.map((code) => `### ${code}\n\n${problemTexts[code].why} ${problemTexts[code].cure}\n`).join('\n');
}

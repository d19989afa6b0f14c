import { peers } from './candidates/peers.ts';
import { scenarios } from './scenarios/scenarios.ts';

const width = Math.max(...scenarios.map(({ id }) => id.length));

/** What `npm run bench -- --help` says. */
export const usage: string = `Usage: npm run bench -- [OPTION …]
       npm run bench -- --compare BEFORE AFTER [OPTION …]
       npm run bench -- soak [--minutes N]

Measures what Postern costs, against nginx as a bare TLS proxy and whatever other proxies are on the machine. A whole run is kept in
bench/results/.

  --quick            two short rounds of everything
  --rounds N         rounds of every scenario (default: 5)
  --scenario A,B     only these scenarios, and no single steps; nothing is kept
  --peer A,B         only these proxies besides nginx and Postern, or none
  --micro            only the single steps of the walk, which takes a few seconds
  --ci               the first scenario and the single steps, in less than 40 seconds; times never make it fail
  --write-docs       writes the figures into docs/performance.md too
  --from FILE        takes the figures of an earlier run instead of measuring
  --compare A B      two commits ("." is the checkout as it is) in the same run, or two files of bench/results
  --profile          shows where Postern spends its time instead of measuring, and keeps a .cpuprofile of each scenario
  --flame            with --profile: draws docs/flame/SCENARIO.svg
  --minutes N        how long to soak: memory and open files under everything that visitors do (default: 10)

Scenarios:
${scenarios.map(({ id, title }) => `  ${id.padEnd(width)}  ${title}`).join('\n')}

Proxies, where they are installed: ${peers.map(({ name }) => name).join(', ')}.
`;

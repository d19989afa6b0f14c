import { describeCommit, describeMachine } from './machine.ts';
import type { Sample, SoakResult } from './soak-result.ts';
import { growthOf } from './soak-result.ts';
import { soak } from './soak.ts';

/** Soaks for so long, telling each sample as it is taken, and then what docs/performance.md has. */
export async function showSoak(minutes: number, say: (line: string) => void): Promise<void> {
  const { cores, cpu, node, loadBefore } = describeMachine();
  say(
    `Soaking for ${minutes} minutes: commit ${describeCommit()}, ${cores} cores of ${cpu}, Node ${node}, load average ${loadBefore} before`,
  );
  say('seconds  heap MiB  resident MiB  open files');
  const result = await soak({ seconds: minutes * 60, onSample: (sample) => say(rowOf(sample)) });
  say(`\n${writeSoak(result)}`);
}

function rowOf({ atSeconds, heapMib, residentMib, files }: Sample): string {
  return [
    atSeconds.toFixed(0).padStart(7),
    heapMib.toFixed(1).padStart(9),
    residentMib.toFixed(1).padStart(13),
    String(files).padStart(11),
  ].join(' ');
}

function writeSoak(result: SoakResult): string {
  const { heapMibPerMinute, residentMibPerMinute } = growthOf(result);
  const { idle, over, open, done, samples } = result;
  const third = Math.floor(samples.length / 3);
  const named: readonly (readonly [string, Sample | undefined])[] = [
    ['before the first visitor', idle],
    ['after a third of the time', samples[third]],
    ['after two thirds', samples[2 * third]],
    ['at the end of the load', samples.at(-1)],
    ['when everybody had gone', over],
  ];
  return [
    '| moment | heap MiB | resident MiB | open files | sockets held |',
    '|---|---:|---:|---:|---:|',
    ...named.map(
      ([name, at]) => `| ${name} | ${at?.heapMib.toFixed(1)} | ${at?.residentMib.toFixed(1)} | ${at?.files} | ${at?.socketsHeld ?? ''} |`,
    ),
    '',
    `Growth after the warm-up: heap ${heapMibPerMinute.toFixed(2)} MiB a minute, resident ${residentMibPerMinute.toFixed(2)} MiB a minute.`,
    `Open when everybody had gone: ${open.connections} connections, ${open.streams} streams.`,
    `Done: ${Object.entries(done)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')}.`,
  ].join('\n');
}

/** One instruction, its continuation lines joined: `RUN`, and what stands behind it. */
export interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** The stages of a Dockerfile, each with the instructions that follow its FROM. Comments and blank lines are left out. */
export interface Stage {
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export function readDockerfile(text: string): readonly Stage[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const instructions = lines
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => {
      const [word = '', ...rest] = line.trim().split(/\s+/);
      return { word: word.toUpperCase(), rest: rest.join(' ') };
    });
  const stages: { name: string | undefined; instructions: Instruction[] }[] = [];
  for (const instruction of instructions) {
    if (instruction.word === 'FROM') stages.push({ name: / as (\S+)$/i.exec(instruction.rest)?.[1], instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

/** The words of an instruction in exec form; throws where it is in shell form, which would need a shell in the image. */
export function execForm(stage: Stage, word: string): readonly string[] {
  const rest = stage.instructions.findLast((instruction) => instruction.word === word)?.rest;
  const words: unknown = JSON.parse(rest?.slice(rest.indexOf('[')) ?? 'null');
  if (!Array.isArray(words) || !words.every((each) => typeof each === 'string'))
    throw new Error(`${word} is not a JSON list of words: ${rest}`);
  return words;
}

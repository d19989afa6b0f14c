import { Visitor } from '../../test/walk/visitor.ts';
import { awaitPort } from '../await-port.ts';
import { appHost, machinesHost } from '../bench-files.ts';
import type { Candidate } from './candidate.ts';
import type { PosternOptions, PosternProgram } from './postern-program.ts';
import { preparePostern } from './postern-program.ts';

/** Postern with everything on that a request of a signed-in person meets, and the cookie of somebody who signed in. */
export interface PosternCandidate extends Candidate {
  /** At the host of the app. */
  readonly cookie: string;
  readonly program: PosternProgram;
  /** The cookie of somebody who signs in at another host now, with a certificate where one is asked for. */
  signInAt(host: string): Promise<string>;
}

/** Starts `postern run` as a process of its own and signs in once, through a real OpenID provider that lives as long as it does. */
export async function openPostern(options: PosternOptions): Promise<PosternCandidate> {
  const { name = 'postern', files } = options;
  const program = await preparePostern(options);
  const launched = program.start();
  const stop = async (): Promise<void> => {
    await launched.stop();
    await program[Symbol.asyncDispose]();
  };
  const signInAt = async (host: string): Promise<string> => {
    const url = `https://${host}:${program.port}${options.signInPath ?? '/'}`;
    const visitor = new Visitor({ port: program.port, pki: files.pki }, program.provider);
    const { answer } = await visitor.arrive(url, { client: host === machinesHost ? files.pki.alice : undefined });
    if (answer.status !== 200) throw new Error(`Cannot sign in at ${name}: it answered ${answer.status}`);
    return visitor.jar.cookies(url);
  };
  try {
    await awaitPort(name, program.port, launched);
    const cookie = await signInAt(appHost);
    return { name, description: program.description, pid: launched.pid, port: program.port, program, cookie, signInAt, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

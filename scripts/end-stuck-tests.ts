// Imported into the process of every file of tests. The time that one test may take ends that test, not its process: a connection that was
// left open, by a hook that failed before it could close it, would let the whole run wait for ever, and say nothing.

/** More than all files together take. */
const patienceMs = 600_000;

// The process that runs the files imports this too, and takes as long as they do.
if (process.env['NODE_TEST_CONTEXT'] !== undefined) {
  setTimeout(() => {
    process.stderr.write(
      `${process.argv[1] ?? 'a file of tests'} has not ended after ${patienceMs / 60_000} minutes, and is ended. It still held: ${process.getActiveResourcesInfo().join(', ')}\n`,
    );
    process.exit(1);
  }, patienceMs).unref();
}

/** The JSON lines that are written to the process's outputs while `write` runs, as Lambda collects them. */
export function written(write: () => void): unknown[] {
  const chunks: string[] = [];
  const streams = [process.stdout, process.stderr];
  const originals = streams.map((stream) => stream.write.bind(stream));
  for (const stream of streams) stream.write = (chunk: string | Uint8Array) => chunks.push(chunk.toString()) > 0;
  try {
    write();
  } finally {
    streams.forEach((stream, index) => {
      const original = originals[index];
      if (original !== undefined) stream.write = original;
    });
  }
  const lines = chunks.join('').split('\n');
  return lines.filter((line) => line !== '').map((line): unknown => JSON.parse(line));
}

/**
 * The `data` of each event of a `text/event-stream`, as its bytes come in pieces (WHATWG HTML, 9.2.6). What follows the last
 * empty line is no event yet: `rest` tells it, since a stream that ends there was cut off.
 */
export class ServerSentEvents {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';

  /** The events that this piece completes. */
  push(piece: Uint8Array): string[] {
    this.#rest += this.#decoder.decode(piece, { stream: true });
    // A carriage return at the end may be half of a line end.
    const events = this.#rest.split(/(?:\r\n|\n|\r(?!\n|$)){2}/);
    this.#rest = events.pop()!;
    return events.map(dataOf).filter(data => data !== undefined);
  }

  get rest(): string {
    return this.#rest.trim();
  }
}

function dataOf(event: string): string | undefined {
  const lines = event.split(/\r\n|\n|\r/).filter(line => line === 'data' || line.startsWith('data:'));
  if (lines.length === 0) return undefined;
  return lines.map(line => line.slice('data:'.length).replace(/^ /, '')).join('\n');
}

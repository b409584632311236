/** What one side pushes and the other reads, in order, as it comes. One reader. */
export class Pieces<T> implements AsyncIterable<T> {
  private readonly waiting: T[] = [];
  private ended = false;
  private wake: () => void = () => {};

  push(piece: T): void {
    this.waiting.push(piece);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      while (this.waiting.length > 0) yield this.waiting.shift()!;
      if (this.ended) return;
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
  }
}

/** Values that are made in one place and awaited in another, in order. */
export class Channel<T> implements AsyncIterable<T> {
  private readonly values: T[] = [];
  private isEnded = false;
  private wake: (() => void) | undefined;
  /** Called once no more values come. */
  onEnd: (() => void) | undefined;

  push(value: T): void {
    this.values.push(value);
    this.wake?.();
  }

  end(): void {
    this.isEnded = true;
    this.onEnd?.();
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      while (this.values.length > 0) yield this.values.shift()!;
      if (this.isEnded) return;
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
  }
}

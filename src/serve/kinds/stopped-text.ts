/** Cuts a text before the first of some strings: what may be the beginning of one is held back until that is known. */
export class StoppedText {
  private held = '';
  private over = false;

  constructor(private readonly stops: readonly string[]) {}

  get stopped(): boolean {
    return this.over;
  }

  push(piece: string): string {
    if (this.over) return '';
    const text = this.held + piece;
    const places = this.stops.map(stop => text.indexOf(stop)).filter(place => place >= 0);
    if (places.length > 0) {
      this.over = true;
      this.held = '';
      return text.slice(0, Math.min(...places));
    }
    const begun = this.stops.map(stop => {
      let count = Math.min(stop.length - 1, text.length);
      while (count > 0 && !text.endsWith(stop.slice(0, count))) count--;
      return count;
    });
    const kept = text.length - Math.max(0, ...begun);
    this.held = text.slice(kept);
    return text.slice(0, kept);
  }

  end(): string {
    const text = this.held;
    this.held = '';
    return text;
  }
}

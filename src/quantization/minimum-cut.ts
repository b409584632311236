/** A directed graph with capacities. Vertices are numbers from 0 on. */
export class FlowNetwork {
  /** Edges in pairs: edge e and its reverse e ^ 1. */
  readonly #to: number[] = [];
  readonly #capacity: number[] = [];
  readonly #edges: number[][] = [];

  vertex(): number {
    return this.#edges.push([]) - 1;
  }

  edge(from: number, to: number, capacity: number): void {
    this.#edges[from]!.push(this.#to.push(to) - 1);
    this.#capacity.push(capacity);
    this.#edges[to]!.push(this.#to.push(from) - 1);
    this.#capacity.push(0);
  }

  /**
   * The vertices on the source's side of a cut of least capacity between source and sink; of several such cuts, the one with
   * the fewest vertices there. Dinic's algorithm, without recursion. Capacities are whole numbers or Infinity.
   */
  sourceSide(source: number, sink: number): ReadonlySet<number> {
    for (;;) {
      const levels = this.#levels(source);
      if (levels[sink] === -1) return new Set(levels.flatMap((level, vertex) => (level >= 0 ? [vertex] : [])));
      this.#saturate(source, sink, levels);
    }
  }

  /** Distance from the source over edges with capacity left; -1 where there is no way. */
  #levels(source: number): number[] {
    const levels = new Array<number>(this.#edges.length).fill(-1);
    levels[source] = 0;
    const queue = [source];
    for (const vertex of queue) {
      for (const edge of this.#edges[vertex]!) {
        const next = this.#to[edge]!;
        if (this.#capacity[edge]! <= 0 || levels[next]! >= 0) continue;
        levels[next] = levels[vertex]! + 1;
        queue.push(next);
      }
    }
    return levels;
  }

  /** Sends flow along shortest ways until none is left. */
  #saturate(source: number, sink: number, levels: readonly number[]): void {
    const next = new Array<number>(this.#edges.length).fill(0);
    const way: number[] = [];
    for (let vertex = source; ; ) {
      if (vertex === sink) {
        const flow = Math.min(...way.map(edge => this.#capacity[edge]!));
        for (const edge of way) {
          this.#capacity[edge]! -= flow;
          this.#capacity[edge ^ 1]! += flow;
        }
        way.length = 0;
        vertex = source;
        continue;
      }
      const edge = this.#edges[vertex]![next[vertex]!];
      if (edge !== undefined) {
        const to = this.#to[edge]!;
        if (this.#capacity[edge]! > 0 && levels[to] === levels[vertex]! + 1) {
          way.push(edge);
          vertex = to;
        } else next[vertex]!++;
        continue;
      }
      const back = way.pop();
      if (back === undefined) return;
      vertex = this.#to[back ^ 1]!;
      next[vertex]!++;
    }
  }
}

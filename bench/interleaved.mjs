// What several measurements share: forms of a model take turns in one process, in an order that is drawn anew each round, so
// that whatever else the machine does falls on all of them alike.

/** One run's feeds for an encoder: random tokens; in a batch, every second text is padded by a quarter. */
export function randomTokens(batch, sequence) {
  const shape = [batch, sequence];
  const length = batch * sequence;
  const ids = BigInt64Array.from({ length }, () => BigInt(1000 + Math.floor(Math.random() * 20000)));
  const isPadding = index => Math.floor(index / sequence) % 2 === 1 && (index % sequence) * 4 >= sequence * 3;
  const mask = BigInt64Array.from({ length }, (_, index) => (isPadding(index) ? 0n : 1n));
  return {
    input_ids: { dtype: 'int64', shape, data: ids },
    attention_mask: { dtype: 'int64', shape, data: mask },
    token_type_ids: { dtype: 'int64', shape, data: new BigInt64Array(length) },
  };
}

/** A calibration of any graph: ranges do not change the speed. */
export const madeUpRanges = new Proxy({}, { get: () => ({ min: -8, max: 8, nonFinite: 0 }) });

/**
 * Times every form `rounds` times. A form is {name, time(): Promise<milliseconds>}; `warm` runs each once more, untimed, right
 * before, so that the caches are those of this form. Returns [{name, times}] in the order given.
 */
export async function takeTurns(forms, { rounds, warm }) {
  const measured = forms.map(({ name, time }) => ({ name, time, times: [] }));
  for (const { time } of measured) await time();
  for (let round = 0; round < rounds; round++) {
    for (const { time, times } of shuffled(measured)) {
      if (warm) await time();
      times.push(await time());
    }
  }
  return measured;
}

/** A table of medians and minima in milliseconds, each with its ratio to the first row. */
export function printTable(title, measured) {
  const width = Math.max(50, ...measured.map(({ name }) => name.length));
  console.log(`\n${title.padEnd(width + 2)} median    ratio      min    ratio`);
  const base = measured[0].times;
  for (const { name, times } of measured) {
    const columns = [median, least].flatMap(of => [of(times).toFixed(2), (of(times) / of(base)).toFixed(3)]);
    console.log(name.padEnd(width) + columns.map(column => column.padStart(9)).join(''));
  }
}

export function median(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

export const least = times => Math.min(...times);

function shuffled(items) {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** The value of a Result; a failure ends the measurement. */
export function unwrap(result) {
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 2));
  return result.value;
}

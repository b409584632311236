import { formatBytes } from '../util/format.js';
import {
  CHOICE_TITLES,
  calibrationText,
  choiceRows,
  choiceText,
  differenceText,
  dropText,
  gpusOf,
  integerText,
  metricText,
  millisecondsText,
  type Report,
  type ReportedArtefact,
  type ReportedModel,
  shapeText,
  speedWarnings,
  tokensPerSecondText,
  verdictOf,
  writingText,
} from './report.js';

/** report.md: the tables, for terminals, pull requests and release notes. */
export function reportMarkdown(report: Report): string {
  return `${['# Build report', ...report.models.map(modelSection)].join('\n\n')}\n`;
}

/** One model: verdicts, and latency where it was measured. */
export function modelSection(model: ReportedModel): string {
  const metric = model.artefacts.find(artefact => artefact.validation?.evaluation)?.validation?.evaluation?.metric;
  const parts = [`## ${model.name}`, `Task: ${model.task}`, verdictTable(model, metric)];
  if (model.calibration) parts.push(calibrationText(model.calibration));
  parts.push(...speedWarnings(model.artefacts).map(warning => `Warning: ${warning}.`));
  for (const { choice } of model.artefacts) {
    if (choice) parts.push('### Choice', choiceText(choice), table(CHOICE_TITLES, choiceRows(choice)));
  }
  const latency = latencyTable(model);
  if (latency) parts.push('### Latency', latency, machineLine(model));
  return parts.join('\n\n');
}

type Column = [title: string, cell: (artefact: ReportedArtefact) => string | undefined];

function verdictTable({ artefacts }: ReportedModel, metric: string | undefined): string {
  const columns: Column[] = [
    ['artefact', artefact => `\`${artefact.id}\``],
    ['verdict', verdictOf],
    ...(metric
      ? ([
          [`${metric} (95 %)`, metricText],
          ['change from the export', dropText],
        ] satisfies Column[])
      : []),
    ['largest difference', differenceText],
    ...(artefacts.some(({ validation }) => validation?.writing)
      ? ([['equal tokens', writingText]] satisfies Column[])
      : []),
    ['integer products', integerText],
    ['size', artefact => formatBytes(artefact.bytes)],
    ['peak memory', ({ benchmark }) => benchmark?.peakMemory && formatBytes(benchmark.peakMemory.peakBytes)],
  ];
  return table(
    columns.map(([title]) => title),
    artefacts.map(artefact => columns.map(([, cell]) => cell(artefact) ?? '')),
  );
}

function latencyTable({ artefacts }: ReportedModel): string | undefined {
  const generates = artefacts.some(({ benchmark }) => benchmark?.results.some(({ decoding }) => decoding));
  const rows = artefacts.flatMap(({ id, benchmark }) =>
    (benchmark?.results ?? []).map(result => {
      const { median, medianInterval, p95, p99, standardDeviation } = result.milliseconds;
      const [low, high] = medianInterval;
      return [
        `\`${id}\``,
        shapeText(result),
        `${millisecondsText(median)} (${millisecondsText(low)} to ${millisecondsText(high)})`,
        millisecondsText(p95),
        millisecondsText(p99),
        millisecondsText(standardDeviation),
        result.throughput.textsPerSecond.toFixed(0),
        result.speedup ? `${result.speedup.value.toFixed(2)} ×` : '',
        ...(generates ? [tokensPerSecondText(result) ?? ''] : []),
      ];
    }),
  );
  if (rows.length === 0) return undefined;
  const titles = ['artefact', 'batch × tokens', 'median ms (95 %)', 'p95', 'p99', 'sd', 'texts/s', 'speed-up'];
  return table([...titles, ...(generates ? ['generated tokens/s'] : [])], rows);
}

function machineLine({ artefacts }: ReportedModel): string {
  const { machine, settings, warnings } = artefacts.find(artefact => artefact.benchmark)!.benchmark!;
  const facts = [
    machine.cpu,
    `${machine.cores} cores`,
    machine.instructionSets.join(' '),
    `${settings.threads} threads`,
    `ONNX Runtime ${machine.onnxruntime}`,
    `Node.js ${machine.node}`,
    machine.system,
    ...gpusOf(artefacts),
  ];
  return [facts.filter(fact => fact !== '').join(', '), ...warnings.map(warning => `Warning: ${warning}`)].join('\n\n');
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(titles), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

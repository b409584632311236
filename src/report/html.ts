import type { Choice } from '../choice/choice.js';
import { formatBytes } from '../util/format.js';
import { differenceChart, latencyChart, metricChart } from './charts.js';
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

/** report.html: one self-contained page; reads on a phone, in the dark and on paper. */
export async function reportHtml(report: Report): Promise<string> {
  const sections = await Promise.all(report.models.map(modelSection));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Build report</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Build report</h1>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

async function modelSection(model: ReportedModel): Promise<string> {
  const [latency, metric, difference] = await Promise.all([
    latencyChart(model),
    metricChart(model),
    differenceChart(model),
  ]);
  return `<section>
<h2>${text(model.name)} <small>${text(model.task)}</small></h2>
<div class="cards">${model.artefacts.map(card).join('')}</div>
${model.calibration ? `<p>${text(calibrationText(model.calibration))}</p>` : ''}
${speedWarnings(model.artefacts)
  .map(warning => `<p class="warning">${text(warning)}</p>`)
  .join('')}
<div class="figures">
${figure('Latency', 'Median of interleaved runs; the line is its 95 % interval.', latency)}
${figure(...metricCaption(model), metric)}
${figure('Difference from the fp32 export', 'By kind of padding. A fault in the attention mask would stand out here.', difference)}
</div>
${model.artefacts.map(({ choice }) => (choice ? choiceDetails(choice) : '')).join('')}
${latencyDetails(model)}
${machineDetails(model)}
</section>`;
}

function card(artefact: ReportedArtefact): string {
  const fastest = artefact.benchmark?.results[0];
  const facts: [string, string | undefined][] = [
    [artefact.validation?.evaluation?.metric ?? 'metric', metricText(artefact)],
    ['change from the export', dropText(artefact)],
    ['largest difference', differenceText(artefact)],
    ['equal tokens', writingText(artefact)],
    ['integer products', integerText(artefact)],
    [
      fastest ? `${shapeText(fastest)} tokens` : 'latency',
      fastest &&
        `${millisecondsText(fastest.milliseconds.median)} ms${fastest.speedup ? ` (${fastest.speedup.value.toFixed(2)}\u00a0× as fast)` : ''}`,
    ],
    ['generated tokens/s', fastest && tokensPerSecondText(fastest)],
    ['size', formatBytes(artefact.bytes)],
    ['peak memory', artefact.benchmark?.peakMemory && formatBytes(artefact.benchmark.peakMemory.peakBytes)],
  ];
  const rows = facts.filter(([, value]) => value !== undefined);
  return `<article>
<h3>${text(artefact.target)} <b>${text(artefact.precision)}</b> <span class="${artefact.validation ? 'valid' : 'open'}">${verdictOf(artefact)}</span></h3>
<dl>${rows.map(([name, value]) => `<dt>${text(name)}</dt><dd>${text(value!)}</dd>`).join('')}</dl>
</article>`;
}

/** Most metrics say how often a model is right. */
const metricCaption = ({ artefacts }: ReportedModel): [title: string, caption: string] =>
  artefacts.some(({ validation }) => validation?.evaluation?.metric === 'perplexity')
    ? ['Perplexity', 'On the evaluation data, with its 95 % interval; lower is better.']
    : ['Accuracy', 'On the evaluation data, with its 95 % interval.'];

const figure = (title: string, caption: string, chart: string | undefined): string =>
  chart === undefined
    ? ''
    : `<figure><figcaption><b>${text(title)}</b> ${text(caption)}</figcaption>${responsive(chart)}</figure>`;

/** The drawing shrinks with the page instead of running out of it. */
const responsive = (chart: string): string =>
  chart.replace(/<svg([^>]*?) width="(\d+)" height="\d+"/, '<svg$1 style="width:100%;max-width:$2px;height:auto"');

function latencyDetails({ artefacts }: ReportedModel): string {
  const generates = artefacts.some(({ benchmark }) => benchmark?.results.some(({ decoding }) => decoding));
  const rows = artefacts.flatMap(({ id, benchmark }) =>
    (benchmark?.results ?? []).map(result => {
      const { median, p95, p99, standardDeviation } = result.milliseconds;
      const cells = [
        shapeText(result),
        ...[median, p95, p99, standardDeviation].map(millisecondsText),
        result.throughput.textsPerSecond.toFixed(0),
        result.speedup ? `${result.speedup.value.toFixed(2)} ×` : '',
        ...(generates ? [tokensPerSecondText(result) ?? ''] : []),
        `${result.runs}`,
      ];
      return `<tr><th scope="row">${text(id)}</th>${cells.map(cell => `<td>${text(cell)}</td>`).join('')}</tr>`;
    }),
  );
  if (rows.length === 0) return '';
  const measured = ['artefact', 'batch × tokens', 'median ms', 'p95', 'p99', 'sd', 'texts/s', 'speed-up'];
  const titles = [...measured, ...(generates ? ['generated tokens/s'] : []), 'runs'];
  return `<details><summary>All latencies</summary><div class="wide"><table>
<thead><tr>${titles.map(title => `<th scope="col">${title}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></details>`;
}

function choiceDetails(choice: Choice): string {
  const rows = choiceRows(choice).map(
    ([candidate, ...cells]) =>
      `<tr><th scope="row">${text(candidate!)}</th>${cells.map(cell => `<td>${text(cell)}</td>`).join('')}</tr>`,
  );
  return `<details><summary>What auto was chosen from</summary><p>${text(choiceText(choice))}</p><div class="wide"><table>
<thead><tr>${CHOICE_TITLES.map(title => `<th scope="col">${title}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></details>`;
}

const TEXTS = {
  data: 'from the evaluation or calibration data',
  vocabulary: "words of the tokenizer's vocabulary",
  none: 'none: the time of an engine depends on shapes alone',
} as const;

function machineDetails({ artefacts }: ReportedModel): string {
  const benchmark = artefacts.find(artefact => artefact.benchmark)?.benchmark;
  if (!benchmark) return '';
  const { machine, settings, warnings } = benchmark;
  const facts: [string, string][] = [
    ['CPU', `${machine.cpu}, ${machine.cores} cores`],
    ['instruction sets', machine.instructionSets.join(' ')],
    ['memory', formatBytes(machine.memoryBytes)],
    ['system', machine.system],
    ['runtime', `ONNX Runtime ${machine.onnxruntime}, Node.js ${machine.node}`],
    ['threads', `${settings.threads}`],
    ['texts', TEXTS[settings.texts]],
    ['load when it began', `${machine.loadAverage}`],
    ...gpusOf(artefacts).map((gpu): [string, string] => ['GPU', gpu]),
  ];
  return `<details><summary>Machine and settings</summary><dl>${facts
    .map(([name, value]) => `<dt>${text(name)}</dt><dd>${text(value)}</dd>`)
    .join('')}</dl></details>${warnings.map(warning => `<p class="warning">${text(warning)}</p>`).join('')}`;
}

const text = (plain: string): string => plain.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark;
  --page: light-dark(#ffffff, #11151c); --box: light-dark(#f5f7fa, #1a2029); --text: light-dark(#1a2230, #e4e9f1);
  --muted: light-dark(#5b6678, #99a4b5); --line: light-dark(#d8dee8, #2d3644); --baseline: light-dark(#8794a8, #76839a);
  --accent: light-dark(#0b7a75, #3cc4bb); --third: light-dark(#b4540a, #f0a35c); --fourth: light-dark(#6a3fb5, #b59af0); }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.3rem; margin: 2.2rem 0 .8rem } h3 { font-size: 1rem; margin: 0 0 .6rem; font-weight: 400 }
small, figcaption, dt { color: var(--muted) } small { font-size: .85rem; font-weight: 400 }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)) }
article { background: var(--box); border-radius: 10px; padding: 1rem 1.2rem }
article span { float: right; font-size: .85rem; border-radius: 99px; padding: .05rem .7rem; border: 1px solid }
.valid { color: var(--accent) } .open { color: var(--third) }
dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem; margin: 0 } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums }
.figures { columns: 24rem; column-gap: 2rem; margin: 1.6rem 0 } figure { margin: 0 0 1.6rem; break-inside: avoid } figcaption { margin-bottom: .4rem; font-size: .9rem } figcaption b { color: var(--text) }
details { margin: 1rem 0; border-top: 1px solid var(--line); padding-top: .7rem } summary { cursor: pointer }
details dl { margin-top: .6rem } details dd { text-align: left }
.wide { overflow-x: auto; margin-top: .6rem } table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap } th:first-child { text-align: left; font-weight: 400 }
.warning { border-left: 4px solid var(--third); padding: .3rem .8rem; background: var(--box) }
`;

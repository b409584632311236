/** The script of the page: plain JavaScript for the browser, so it is text here. Contents are set as text, never as HTML. */
export const PAGE_SCRIPT = `
'use strict';
const REFRESH_MILLISECONDS = 1000;
const NUMBERS = new Set(['FP32', 'FP64', 'INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'BOOL']);

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

async function ask(path, body) {
  const response = await fetch(path, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || response.statusText);
  return answer;
}

/** Text for strings, one a line; JSON for everything else. */
function field(model, input) {
  const isText = input.datatype === 'BYTES';
  const id = model.name + '/' + input.name;
  const hint = ' ' + input.datatype + ' [' + input.shape.join(', ') + ']' + (isText ? '' : ', as JSON');
  const area = make('textarea', { id, rows: 1, spellcheck: isText });
  const label = make('label', { htmlFor: id }, input.name, make('span', { textContent: hint }));
  const read = () => {
    if (isText) return { data: [area.value] };
    if (!NUMBERS.has(input.datatype)) throw new Error(input.name + ': ' + input.datatype + ' is not carried by JSON');
    return area.value.trim() === '' ? undefined : { data: [JSON.parse(area.value)].flat(Infinity) };
  };
  return { element: make('div', {}, label, area), read, input };
}

/** Open dimensions are 1, but for the last of them, which takes all elements. */
function tensor({ input, read }) {
  const value = read();
  if (value === undefined) return [];
  const fixed = input.shape.filter(dim => dim !== -1).reduce((product, dim) => product * dim, 1);
  const innermost = input.shape.lastIndexOf(-1);
  const shape = input.shape.map((dim, axis) => (dim !== -1 ? dim : axis === innermost ? value.data.length / fixed : 1));
  return [{ name: input.name, datatype: input.datatype, shape, data: value.data }];
}

function shown(output) {
  return output.name + ' ' + output.datatype + ' [' + output.shape.join(', ') + ']\\n' +
    output.data.map(value => (typeof value === 'string' ? value : JSON.stringify(value))).join(output.datatype === 'BYTES' ? '\\n' : ', ');
}

async function run(model, fields, result) {
  const outputs = model.outputs.map(({ name }) => (model.labels.has(name) ? { name, parameters: { classification: 5 } } : { name }));
  const answer = await ask('/v2/models/' + encodeURIComponent(model.name) + '/infer', { inputs: fields.flatMap(tensor), outputs });
  result.textContent = answer.outputs.map(shown).join('\\n\\n');
}

/** Server-sent events: a JSON object each. */
async function stream(model, fields, result) {
  const body = Object.fromEntries(fields.flatMap(tensor).map(({ name, data }) => [name, data.length === 1 ? data[0] : data]));
  const response = await fetch('/v2/models/' + encodeURIComponent(model.name) + '/generate_stream', { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error((await response.json()).error);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split('\\n\\n');
    rest = events.pop();
    for (const event of events) {
      const answer = JSON.parse(event.slice('data: '.length));
      if (answer.error) throw new Error(answer.error);
      for (const { name } of model.outputs) if (answer[name] !== undefined) result.append([answer[name]].flat().join('\\n'));
    }
  }
}

function form(model) {
  const fields = model.inputs.map(input => field(model, input));
  const result = make('pre');
  result.setAttribute('role', 'status');
  const act = work => async event => {
    event.preventDefault();
    result.textContent = '';
    result.className = '';
    result.setAttribute('aria-busy', 'true');
    try {
      await work(model, fields, result);
    } catch (error) {
      result.className = 'error';
      result.textContent = error.message;
    }
    result.removeAttribute('aria-busy');
    await refresh();
  };
  const buttons = [];
  if (!model.decoupled) buttons.push(make('button', { type: 'submit', textContent: 'Run' }));
  if (model.decoupled) buttons.push(make('button', { type: 'submit', textContent: 'Stream' }));
  const element = make('form', {}, ...fields.map(({ element }) => element), ...buttons, result);
  element.addEventListener('submit', act(model.decoupled ? stream : run));
  return element;
}

const FIGURES = [
  ['Requests', stats => stats.inference_stats.success.count],
  ['Failed', stats => stats.inference_stats.fail.count],
  ['Batches', stats => stats.execution_count],
  ['Rows a batch', stats => ratio(stats.inference_count, stats.execution_count, 1)],
  ['Mean latency', stats => milliseconds(stats.inference_stats.success)],
  ['Mean queue', stats => milliseconds(stats.inference_stats.queue)],
  ['Mean inference', stats => milliseconds(stats.inference_stats.compute_infer)],
];
const ratio = (a, b, digits) => (b === 0 ? '–' : (a / b).toFixed(digits));
const milliseconds = ({ count, ns }) => (count === 0 ? '–' : ratio(ns / 1e6, count, 2) + ' ms');

/** Model -> where its figures stand. */
const figures = new Map();

function statistics(name) {
  const values = FIGURES.map(() => make('dd', { textContent: '–' }));
  figures.set(name, values);
  return make('dl', {}, ...FIGURES.map(([title], index) => make('div', {}, make('dt', { textContent: title }), values[index])));
}

async function refresh() {
  const { model_stats: all } = await ask('/v2/models/stats');
  for (const stats of all) {
    const values = figures.get(stats.name);
    if (values) FIGURES.forEach(([, value], index) => { values[index].textContent = value(stats); });
  }
}

async function card({ name, version, state, reason }) {
  const head = make('header', {}, make('h2', { textContent: name }),
    make('span', { className: 'state ' + (state || ''), textContent: state || 'not loaded' }),
    make('span', { textContent: version ? 'version ' + version : '' }));
  const article = make('article', {}, head);
  if (state !== 'READY') {
    if (reason) article.append(make('p', { textContent: reason }));
    return { article, isPart: true };
  }
  const path = '/v2/models/' + encodeURIComponent(name);
  const [metadata, config] = await Promise.all([ask(path), ask(path + '/config')]);
  const labels = new Set(config.output.filter(output => output.label_filename).map(output => output.name));
  const decoupled = config.model_transaction_policy ? config.model_transaction_policy.decoupled : false;
  const model = { ...metadata, labels, decoupled };
  const takesText = metadata.inputs.some(input => input.datatype === 'BYTES');
  const body = form(model);
  if (takesText) article.append(body);
  else article.append(make('details', {}, make('summary', { textContent: 'Try it with tensors' }), body));
  article.append(statistics(name));
  return { article, isPart: !takesText };
}

async function start() {
  const main = document.getElementById('models');
  try {
    const cards = await Promise.all((await ask('/v2/repository/index', {})).map(card));
    // What takes text stands first; the networks behind it follow.
    main.append(...cards.filter(({ isPart }) => !isPart).map(({ article }) => article), ...cards.filter(({ isPart }) => isPart).map(({ article }) => article));
    await refresh();
    setInterval(() => refresh().catch(() => {}), REFRESH_MILLISECONDS);
  } catch (error) {
    main.append(make('p', { textContent: 'The server does not answer: ' + error.message }));
  }
  main.setAttribute('aria-busy', 'false');
}
start();
`;

#!/usr/bin/env node
/**
 * Stands in for trtexec where there is no GPU: the same options for each release, the same lines on the same streams, the same exit
 * codes and files, as NVIDIA's sources of samples/trtexec and samples/common have them. It computes with ONNX Runtime on the CPU, so it
 * proves how trtexec is driven and nothing about TensorRT's speed or accuracy. It is controlled by environment variables:
 *
 * STAND_IN_TENSORRT  release, '10.13.3' unless set
 * STAND_IN_GPU       'NVIDIA H100 80GB HBM3, 9.0' unless set; '' for a machine without
 * STAND_IN_FAULT     one of the names in faults.mjs, and of those used below
 * STAND_IN_LOG       a file to which each command line is added
 * STAND_IN_NOISE     anything: an engine differs in its bytes where this differs, as real ones do from build to build
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS } from './faults.mjs';
import { bindingsOf, runEngine } from './inference.mjs';
import { layersOf } from './layers.mjs';
import { optionsOf } from './options.mjs';
import { readPlan, writePlan } from './plan.mjs';
import { checkProfiles, parseShapes } from './shapes.mjs';

const release = process.env.STAND_IN_TENSORRT ?? '10.13.3';
const [major, minor, patch] = release.split('.').map(Number);
const version = { major, minor, patch };
const gpu = process.env.STAND_IN_GPU ?? 'NVIDIA H100 80GB HBM3, 9.0';
const fault = process.env.STAND_IN_FAULT ?? '';

const number = major < 10 ? major * 1000 + minor * 100 + patch : major * 10_000 + minor * 100 + patch;
const build = major > 10 || (major === 10 && minor >= 5) ? ' [b9]' : '';
const title = `TensorRT.trtexec [TensorRT v${number}]${build} # ${['trtexec', ...process.argv.slice(2)].join(' ')}`;

const stamp = '[11/23/2026-10:00:00]';
const info = text => process.stdout.write(`${stamp} [I] ${text}\n`);
const warning = text => process.stderr.write(`${stamp} [W] ${text}\n`);
const error = text => process.stderr.write(`${stamp} [E] ${text}\n`);

/** Ends as trtexec does; the streams are written before. */
class End extends Error {
  constructor(passed) {
    super();
    this.passed = passed;
  }
}
const fail = (...lines) => {
  for (const line of lines) error(line);
  throw new End(false);
};

/** Option -> values in the order given; '' for a switch. */
function parse(words) {
  const known = optionsOf(version);
  const options = new Map();
  const order = [];
  for (const word of words) {
    const [, name, value = ''] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined || !known.has(name)) {
      process.stdout.write('=== Model Options ===\n  --onnx=<file>  ONNX model\n');
      fail(`Unknown option: ${name === undefined ? word : `--${name}`} ${value}`);
    }
    options.set(name, [...(options.get(name) ?? []), value]);
    order.push([name, value]);
  }
  return { one: name => options.get(name)?.at(-1), has: name => options.has(name), order };
}

async function main() {
  if (process.env.STAND_IN_LOG) appendFileSync(process.env.STAND_IN_LOG, `${process.argv.slice(2).join(' ')}\n`);
  const start = FAULTS[fault]?.instead;
  if (start) return start();
  process.stdout.write(`&&&& RUNNING ${title}\n`);
  if (process.argv.length === 2 || process.argv.includes('--help')) {
    process.stdout.write('=== Model Options ===\n  --onnx=<file>  ONNX model\n');
    // Asked for help it gives no verdict; without any arguments it does.
    if (process.argv.length === 2) process.stdout.write(`&&&& PASSED ${title}\n`);
    return;
  }
  try {
    await perform(parse(process.argv.slice(2)));
  } catch (thrown) {
    if (!(thrown instanceof End)) throw thrown;
    process.stdout.write(`&&&& ${thrown.passed ? 'PASSED' : 'FAILED'} ${title}\n`);
    process.exitCode = thrown.passed ? 0 : 1;
  }
}

async function perform(options) {
  if (!options.has('onnx') && !options.has('loadEngine')) fail('Model missing or format not recognized');
  startDevice();
  info(`TensorRT version: ${release}`);
  const builds = !options.has('loadEngine');
  const engine = builds ? await buildEngine(options) : loadEngine(options);
  if (options.has('skipInference')) {
    writeLayers(options, engine, false);
    info('Skipped inference phase since --skipInference is added.');
    throw new End(true);
  }
  await infer(options, engine);
  writeLayers(options, engine, true);
  throw new End(true);
}

function startDevice() {
  if (FAULTS[fault]?.device) {
    info('=== Device Information ===');
    process.stderr.write(`${FAULTS[fault].device}\n`);
    process.exit(1);
  }
  if (gpu === '') {
    process.stderr.write('Cuda failure: no CUDA-capable device is detected\nAborted (core dumped)\n');
    process.exit(134);
  }
  const [name, capability] = gpu.split(', ');
  info('=== Device Information ===');
  info('Available Devices: ');
  info(`  Device 0: "${name}" UUID: GPU-00000000-0000-0000-0000-000000000000`);
  info(`Selected Device: ${name}`);
  info(`Compute Capability: ${capability}`);
}

async function buildEngine(options) {
  const file = options.one('onnx');
  info('Start parsing network model.');
  if (fault in FAULTS && FAULTS[fault].parse) fail(...FAULTS[fault].parse);
  if (!existsSync(file)) fail(`Could not open file ${file}`, 'Failed to parse onnx file', 'Parsing model failed');
  const { inputs, outputs, foreign } = await bindingsOf(file, version);
  if (foreign) {
    fail(
      `[TRT] 3: getPluginCreator could not find plugin: ${foreign} version: 1`,
      '[TRT] In node 0 (importFallbackPluginImporter): UNSUPPORTED_NODE: Assertion failed: creator && "Plugin not found, are the plugin name, version, and namespace correct?"',
      'Failed to parse onnx file',
      'Parsing model failed',
      'Failed to create engine from model or file.',
      'Engine set up failed',
    );
  }
  info('Finished parsing network model. Parse time: 0.6');
  const profiles = checkProfiles(options.order, inputs, { warning, fail });
  for (const [index, profile] of profiles.entries()) {
    for (const [name, { min, opt, max }] of Object.entries(profile)) {
      const [least, usual, most] = [min, opt, max].map(shape => shape.join('x'));
      info(
        `Set shape of input tensor ${name} for optimization profile ${index} to: MIN=${least} OPT=${usual} MAX=${most}`,
      );
    }
  }
  for (const path of options.order.flatMap(([name, value]) => (name === 'dynamicPlugins' ? [value] : []))) {
    if (!existsSync(path)) fail(`Could not load plugin library: ${path}: cannot open shared object file`);
  }
  const timingCache = useTimingCache(options, file);
  if (fault === 'slow') await sleep(60_000);
  if (fault === 'killed') process.kill(process.pid, 'SIGKILL');
  if (fault === 'crash') process.kill(process.pid, 'SIGSEGV');
  if (fault in FAULTS && FAULTS[fault].build) fail(...FAULTS[fault].build);
  if (fault === 'layernorm') {
    warning(
      '[TRT] Detected layernorm nodes in FP16. Running layernorm after self-attention in FP16 may cause overflow. Forcing layernorm layers to run in FP32 precision can help with preserving accuracy.',
    );
  }
  info('[TRT] Total Weights Memory: 103529216 bytes');
  info('[TRT] Engine generation completed in 10.6392 seconds.');
  info('Engine built in 10.7204 sec.');
  const precisions = weakPrecisions(options);
  const strong = major >= 11 || options.has('stronglyTyped');
  const engine = {
    file,
    inputs,
    outputs,
    profiles,
    strong,
    precisions,
    detailed: isDetailed(options),
    stripped: options.has('stripWeights'),
  };
  const path = options.one('saveEngine');
  if (fault !== 'no-plan')
    writePlan(path, fault === 'other-version' ? { ...version, patch: patch + 1 } : version, engine);
  if (fault === 'empty-plan') writeFileSync(path, '');
  if (fault === 'corrupt-plan') writeFileSync(path, Buffer.from('<html>not an engine, but long enough</html>'));
  if (fault !== 'no-engine-line') info('Created engine with size: 101.811 MiB');
  if (fault === 'silent-exit') process.exit(0);
  if (fault === 'errors-beside-success') error('[TRT] Unexpected Internal Error: something went wrong after all');
  if (timingCache) saveTimingCache(timingCache);
  return engine;
}

const isDetailed = options => options.one('profilingVerbosity') === 'detailed';

/** What flags allow in a weakly typed network, and the layers that were told otherwise. */
function weakPrecisions(options) {
  const layers = (options.one('layerPrecisions') ?? '').split(',').filter(Boolean);
  const isObeyed = options.one('precisionConstraints') === 'obey';
  return {
    allowed: ['int8', 'bf16', 'fp16'].filter(name => options.has(name)),
    kept: isObeyed ? layers.map(layer => layer.slice(0, layer.lastIndexOf(':')).replaceAll("'", '')) : [],
  };
}

/** A line that says where kernels were timed, and one for each network. */
function useTimingCache(options, network) {
  const file = options.one('timingCacheFile');
  if (file === undefined) {
    info('[TRT] Local timing cache in use. Profiling results in this builder pass will not be stored.');
    return undefined;
  }
  // Before 10 trtexec reads the file itself; then a helper does, which says so as the library.
  const [prefix, what] = major < 10 ? ['', 'timing cache'] : ['[TRT] ', 'cache'];
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  if (lines.length === 0) {
    warning(`${prefix}Could not read ${what} from: ${file}. A new ${what} will be generated and written.`);
  } else {
    const bytes = statSync(file).size;
    info(
      major < 10
        ? `Loaded ${bytes} bytes of timing cache from ${file}`
        : `[TRT] Loaded ${bytes} bytes of cache from file: ${file}`,
    );
    if (lines[0] !== `${release} ${gpu}`) refuseTimingCache(file);
  }
  const timed = createHash('sha256').update(readFileSync(network)).digest('hex');
  if (options.has('errorOnTimingCacheMiss') && !lines.includes(timed)) {
    // The words are not known; what follows is what every failed build ends with.
    fail('[TRT] timing cache miss for a tactic', 'Engine could not be created from network', 'Building engine failed');
  }
  if (fault !== 'timing-cache-ignored') {
    info('[TRT] Global timing cache in use. Profiling results in this builder pass will be stored.');
  } else warning('[TRT] Detected invalid timing cache, setup a local cache instead');
  return { file, lines: [...new Set([`${release} ${gpu}`, ...lines, timed])] };
}

/** 8.6 ends; later releases build without the cache, and crash when they add to it what they have timed. */
function refuseTimingCache(file) {
  error(
    '[TRT] 1: [stdArchiveReader.cpp::StdArchiveReaderInitCommon::36] Error Code 1: Serialization (Serialization assertion magicTagRead == kMAGIC_TAG failed.Magic tag does not match)',
  );
  if (major < 10) {
    fail('[TRT] 4: The timing cache will not be used!', 'TimingCache creation failed', 'Building engine failed');
  }
  error(`[TRT] Failed to create ITimingCache from file ${file}`);
  process.kill(process.pid, 'SIGSEGV');
}

function saveTimingCache({ file, lines }) {
  writeFileSync(file, lines.join('\n'));
  info(`${major < 10 ? '' : '[TRT] '}Saved ${statSync(file).size} bytes of timing cache to ${file}`);
}

function loadEngine(options) {
  const path = options.one('loadEngine');
  const refused = (...lines) => {
    for (const line of lines) error(line);
    error('Engine deserialization failed');
    // As real releases do: without inference, nobody misses the engine.
    if (options.has('skipInference') && fault === 'false-pass') throw new End(true);
    fail('Got invalid engine!', 'Inference set up failed');
  };
  if (!existsSync(path) || statSync(path).size === 0) refused(`Error opening engine file: ${path}`);
  const plan = readPlan(path);
  if (fault === 'false-pass' && options.has('exportLayerInfo')) {
    error('Error[6]: IRuntime::deserializeCudaEngine: incompatible plan');
    error('Engine deserialization failed');
    throw new End(true);
  }
  if (plan === undefined)
    refused('[TRT] IRuntime::deserializeCudaEngine: Error Code 1: Serialization (magic tag does not match)');
  if (plan.gpu !== gpu) {
    refused(
      `[TRT] The engine plan file is generated on an incompatible device, expecting compute ${plan.gpu.split(', ')[1]} got compute ${gpu.split(', ')[1]}, please rebuild.`,
    );
  }
  if (plan.version !== release) {
    refused(
      '[TRT] 1: [stdArchiveReader.cpp::stdArchiveReaderInitCommon::47] Error Code 1: Serialization (Serialization assertion stdVersionRead == kSERIALIZATION_VERSION failed.Version tag does not match. Note: Current Version: 236, Serialized Engine Version: 239)',
    );
  }
  info('[TRT] Loaded engine size: 101 MiB');
  if (fault !== 'no-engine-line') info('Engine deserialized in 0.10331 sec.');
  if (fault in FAULTS && FAULTS[fault].run) fail(...FAULTS[fault].run);
  refit(options, plan.engine);
  return plan.engine;
}

/** Both options are needed; with one of them alone nothing is said, and nothing filled in. */
function refit(options, engine) {
  const onnx = options.one('refitFromOnnx');
  if (!options.has('refit') || !onnx) return;
  info(`Refitting engine from ONNX model ${onnx}`);
  if (!existsSync(onnx)) fail('Engine refit from ONNX model failed.');
  engine.stripped = false;
  info(`Engine successfully refitted from ONNX model ${onnx}`);
}

async function infer(options, engine) {
  const shapes = parseShapes(options.one('shapes') ?? '');
  const profile = engine.profiles[Number(options.one('useProfile') ?? 0)];
  for (const [name, { min, max }] of Object.entries(profile)) {
    const shape = shapes[name] ?? min;
    if (shape.some((size, axis) => size < min[axis] || size > max[axis])) {
      fail(
        `[TRT] IExecutionContext::setInputShape: Error Code 3: API Usage Error (Parameter check failed, condition: engineDims.d[i] == dims.d[i]. Static dimension mismatch while setting input shape for ${name}. profile is not valid for ${shape.join('x')})`,
        'Inference set up failed',
      );
    }
  }
  const files = Object.fromEntries(
    (options.one('loadInputs') ?? '')
      .split(',')
      .filter(Boolean)
      .map(spec => {
        const at = spec.lastIndexOf(':');
        return [spec.slice(0, at).replaceAll("'", ''), spec.slice(at + 1)];
      }),
  );
  const outputs = await runEngine(engine, shapes, files, fail);
  if (engine.stripped) for (const { values } of outputs) values.fill(typeof values[0] === 'bigint' ? 0n : 0);
  if (options.has('exportOutput')) writeFileSync(options.one('exportOutput'), outputText(outputs));
  if (options.has('exportTimes')) writeFileSync(options.one('exportTimes'), timesText(options));
  info('=== Performance summary ===');
  info('Throughput: 1234.5 qps');
}

/** As operator<< writes floating-point numbers: six significant digits. */
function numberText(value) {
  if (typeof value === 'bigint') return String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return fault === 'wrong-values' ? String(Number((value + 1).toPrecision(6))) : String(Number(value.toPrecision(6)));
}

function outputText(outputs) {
  const entries = outputs.map(({ name, dims, values }) => {
    const shown = fault === 'nan' ? Array.from(values, () => 'nan') : Array.from(values, numberText);
    return `{ "name" : "${name}"\n  , "dimensions" : "${dims.join('x')}"\n  , "values" : [ ${shown.join(', ')} ]\n  }\n`;
  });
  return `[\n  ${entries.join(', ')}]\n`;
}

/** Ten queries in the warm-up, which releases before 10 export, too, then as many as asked. */
function timesText(options) {
  const warmUp = Number(options.one('warmUp') ?? 200);
  const queries = [];
  for (let query = 0; query < 10 + Number(options.one('iterations') ?? 10); query++) {
    const start = query < 10 ? (query * warmUp) / 11 : warmUp + (query - 10) * 2;
    const compute = query < 10 ? 9 : 1.5 + (query % 3) / 100;
    const fields = {
      startEnqMs: start,
      endEnqMs: start,
      startH2dMs: start,
      endH2dMs: start,
      startComputeMs: start,
      endComputeMs: start + compute,
      startD2hMs: start + compute,
      endD2hMs: start + compute,
      h2dMs: 0,
      computeMs: compute,
      d2hMs: 0,
      latencyMs: compute,
    };
    const members = Object.entries(fields).map(([name, value]) => `"${name}" : ${value}`);
    if (query >= 10 || major < 10) queries.push(`{ ${members.join(', ')} }\n`);
  }
  return `[\n  ${queries.join(', ')}]\n`;
}

function writeLayers(options, engine, hasRun) {
  const file = options.one('exportLayerInfo');
  if (file !== undefined)
    writeFileSync(file, layersOf(engine, { version, hasRun, isSilentFloat: fault === 'silent-fp32' }));
}

await main();

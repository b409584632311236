import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { DockerfileParser } from 'dockerfile-ast';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Pod, Service } from 'kubernetes-models/v1';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { DEFAULT_IMAGE, deploymentName, LANGUAGE_IMAGES } from '../../src/deploy/deployment.js';
import { type DeployParams, deployStage } from '../../src/stages/deploy.js';
import { digestOf } from '../../src/util/digest.js';
import type { Json } from '../../src/util/json.js';
import { outputsOf } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const GOLDEN = fileURLToPath(new URL('golden', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../triton/golden/intents', import.meta.url));
const temporaryFolder = temporaryFolders();

const PARAMS: DeployParams = {
  repository: 'triton',
  image: DEFAULT_IMAGE,
  gpus: 0,
  hasTokenizers: false,
  completesConfigurations: false,
  version: '1.2.3',
  models: [
    {
      name: 'intents',
      task: 'text-classification',
      source: `org/intents@${'c'.repeat(40)}`,
      artefacts: [
        { id: 'intents/cpu/fp32', precision: 'fp32' },
        { id: 'intents/gpu/int8-dynamic', precision: 'int8-dynamic' },
      ],
    },
  ],
};

/** The stage on the golden repository of the example, its networks being a few bytes. */
async function deploy(changes: Partial<DeployParams> = {}): Promise<string> {
  const folder = temporaryFolder();
  const model = join(folder, 'model');
  mkdirSync(model);
  writeFileSync(join(model, 'model.onnx_data'), 'weights');
  writeFileSync(join(model, 'model.onnx'), 'network');
  const { files } = await outputsOf(deployStage, folder, {
    params: { ...PARAMS, ...changes } as unknown as Json, // an interface has no index signature
    inputs: {
      'repository:intents': REPOSITORY,
      'model:intents/cpu/fp32': model,
      'model:intents/gpu/int8-dynamic': model,
    },
    outputs: ['files'],
  });
  return files!;
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

let folder: string;
beforeAll(async () => {
  folder = await deploy();
});
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

test('makes the golden files, and the same again', async () => {
  if (process.env.UPDATE_GOLDEN) {
    rmSync(GOLDEN, { recursive: true, force: true });
    cpSync(folder, GOLDEN, { recursive: true });
  }
  expect(filesOf(folder)).toEqual(filesOf(GOLDEN));
  for (const path of filesOf(GOLDEN)) expect(read(path), path).toBe(readFileSync(join(GOLDEN, path), 'utf8'));
  const again = await deploy();
  for (const path of filesOf(folder)) expect(readFileSync(join(again, path), 'utf8'), path).toBe(read(path));
});

describe('against public schemas', () => {
  test('Kubernetes', () => {
    const kinds = {
      deployment: Deployment,
      service: Service,
      autoscaler: HorizontalPodAutoscaler,
      'disruption-budget': PodDisruptionBudget,
    };
    for (const [name, Kind] of Object.entries(kinds)) {
      const manifest = parse(read(`kubernetes/${name}.yaml`));
      expect(() => new Kind(manifest).validate(), name).not.toThrow();
      // The schema is not one that takes anything.
      expect(() => new Kind({ ...manifest, spec: 7 }).validate(), name).toThrow();
    }
  });

  test('what a ServingRuntime takes from Kubernetes: containers and volumes', () => {
    const [runtime] = parseAllDocuments(read('kserve.yaml')).map(document => document.toJS());
    const { containers, volumes } = runtime.spec;
    const pod = (changes: object) =>
      new Pod({ metadata: { name: 'm' }, spec: { containers: [{ ...containers[0], ...changes }], volumes } });
    expect(containers[0].volumeMounts[0].name).toBe(volumes[0].name);
    expect(() => pod({}).validate()).not.toThrow();
    expect(() => pod({ args: 'tritonserver' }).validate()).toThrow();
  });

  test('CycloneDX 1.6', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(read('sbom.cdx.json'))).toBeNull();
    expect(await validator.validate(read('sbom.cdx.json').replace('machine-learning-model', 'model'))).not.toBeNull();
  });

  test('the Dockerfile has no unknown instruction, and runs as nobody special', () => {
    const instructions = DockerfileParser.parse(read('Dockerfile')).getInstructions();
    expect(instructions.map(instruction => instruction.getKeyword())).toEqual([
      'FROM',
      'LABEL',
      'COPY',
      'RUN',
      'COPY',
      'USER',
      'EXPOSE',
      'HEALTHCHECK',
      'CMD',
    ]);
    expect(instructions.find(instruction => instruction.getKeyword() === 'USER')!.getArgumentsContent()).toBe(
      '1000:1000',
    );
  });

  test('all YAML is YAML, without anchors', () => {
    for (const path of filesOf(folder).filter(path => path.endsWith('.yaml'))) {
      for (const document of parseAllDocuments(read(path))) expect(document.errors, path).toEqual([]);
      expect(read(path), path).not.toMatch(/[&*]a\d/);
    }
  });
});

describe('what the files say agrees', () => {
  test('selectors, probes, ports and the queue metric', () => {
    const pod = parse(read('kubernetes/deployment.yaml')).spec;
    const service = parse(read('kubernetes/service.yaml')).spec;
    expect(pod.selector.matchLabels).toEqual(pod.template.metadata.labels);
    expect(service.selector).toEqual(pod.template.metadata.labels);
    expect(parse(read('kubernetes/disruption-budget.yaml')).spec.selector.matchLabels).toEqual(service.selector);
    const [container] = pod.template.spec.containers;
    const named = container.ports.map(({ name }: { name: string }) => name);
    for (const { targetPort } of service.ports) expect(named).toContain(targetPort);
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
      expect(named).toContain(container[probe].httpGet.port);
    const metric = parse(read('kubernetes/autoscaler.yaml')).spec.metrics[0].pods.metric.name;
    expect(parse(read('prometheus-adapter.yaml')).rules.custom[0].name.as).toBe(metric);
  });

  test('the inference service names its runtime', () => {
    const [runtime, service] = parseAllDocuments(read('kserve.yaml')).map(document => document.toJS());
    expect(service.spec.predictor.model.runtime).toBe(runtime.metadata.name);
    expect(runtime.spec.supportedModelFormats[0].name).toBe(service.spec.predictor.model.modelFormat.name);
  });

  test('hashes are those of the files', () => {
    const [model] = JSON.parse(read('sbom.cdx.json')).components;
    expect(
      model.components.map(({ name, hashes }: { name: string; hashes: { content: string }[] }) => [
        name,
        hashes[0]!.content,
      ]),
    ).toEqual([
      ['model.onnx', digestOf('network')],
      ['model.onnx_data', digestOf('weights')],
    ]);
  });
});

test('GPUs are asked for where they are needed, an image by digest is labelled', async () => {
  const image = `registry/triton:26.06@sha256:${'d'.repeat(64)}`;
  const gpu = await deploy({ gpus: 2, image });
  const container = parse(readFileSync(join(gpu, 'kubernetes/deployment.yaml'), 'utf8')).spec.template.spec
    .containers[0];
  expect(container.resources.limits['nvidia.com/gpu']).toBe('2');
  expect(
    parse(readFileSync(join(gpu, 'compose.yaml'), 'utf8')).services.triton.deploy.resources.reservations.devices,
  ).toEqual([{ driver: 'nvidia', count: 2, capabilities: ['gpu'] }]);
  expect(readFileSync(join(gpu, 'Dockerfile'), 'utf8')).toContain(`base.digest="sha256:${'d'.repeat(64)}"`);
  const server = JSON.parse(readFileSync(join(gpu, 'sbom.cdx.json'), 'utf8')).components.find(
    ({ type }: { type: string }) => type === 'container',
  );
  expect(server).toMatchObject({
    name: 'registry/triton',
    version: '26.06',
    hashes: [{ alg: 'SHA-256', content: 'd'.repeat(64) }],
  });
  expect(read('compose.yaml')).not.toContain('nvidia');
});

test('an image of a language model has its own tokenizers, and vLLM completes configurations', async () => {
  const vllm = await deploy({ image: LANGUAGE_IMAGES.vllm, hasTokenizers: true, completesConfigurations: true });
  expect(filesOf(vllm)).toEqual(filesOf(folder).filter(path => path !== 'requirements.txt'));
  const dockerfile = readFileSync(join(vllm, 'Dockerfile'), 'utf8');
  const words = DockerfileParser.parse(dockerfile).getInstructions();
  expect(words.map(instruction => instruction.getKeyword())).not.toContain('RUN');
  for (const path of ['Dockerfile', 'kserve.yaml']) {
    expect(readFileSync(join(vllm, path), 'utf8'), path).not.toContain('auto-complete');
    expect(read(path), path).toContain('--disable-auto-complete-config');
  }
});

test.each([
  [['intents'], 'intents'],
  [['Support_Intents.v2'], 'support-intents-v2'],
  [['a', 'b'], 'models'],
  [['__'], 'models'],
  [['x'.repeat(60)], 'x'.repeat(40)],
])('%j is deployed as %s', (models, name) => expect(deploymentName(models)).toBe(name));

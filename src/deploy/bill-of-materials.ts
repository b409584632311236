import { prettyJson } from '../util/json.js';
import { type DeployedModel, type DeployFile, type Deployment, TOKENIZERS } from './deployment.js';

/**
 * What is deployed, as a software bill of materials in CycloneDX 1.6: each artefact as a model with the files that it is made of, and the libraries that run it. No time
 * and no serial number, so that equal builds give equal bytes.
 */
export function billOfMaterials({ name, image, models, version }: Deployment): DeployFile {
  const components = [...models.flatMap(modelComponents), serverComponent(image), TOKENIZERS_COMPONENT];
  const application = { type: 'application', 'bom-ref': name, name };
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', name: 'transformer-deploy', version }] },
      component: application,
    },
    components,
    dependencies: [{ ref: name, dependsOn: components.map(component => component['bom-ref']) }],
  };
  return { path: 'sbom.cdx.json', content: prettyJson(document) };
}

interface Component {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly name: string;
  readonly [field: string]: unknown;
}

const modelComponents = ({ name, task, source, artefacts }: DeployedModel): Component[] =>
  artefacts.map(({ id, precision, files }) => ({
    type: 'machine-learning-model',
    'bom-ref': `model:${id}`,
    name: id,
    ...(source === undefined ? {} : { externalReferences: [hubReference(source)] }),
    modelCard: { modelParameters: { task } },
    properties: [
      { name: 'transformer-deploy:model', value: name },
      { name: 'transformer-deploy:precision', value: precision },
    ],
    components: files.map(({ path, sha256 }) => ({
      type: 'file',
      'bom-ref': `file:${id}/${path}`,
      name: path,
      hashes: [{ alg: 'SHA-256', content: sha256 }],
    })),
  }));

function hubReference(source: string): object {
  const [repository, commit] = source.split('@');
  return { type: 'distribution', url: `https://huggingface.co/${repository}/tree/${commit}` };
}

/** 'registry/name:tag' or 'registry/name@sha256:...'. */
function serverComponent(image: string): Component {
  const [, name = image, tag, digest] = /^(.+?)(?::([^:/@]+))?(?:@sha256:([0-9a-f]{64}))?$/.exec(image) ?? [];
  return {
    type: 'container',
    'bom-ref': `image:${image}`,
    name,
    ...(tag === undefined ? {} : { version: tag }),
    ...(digest === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: digest }] }),
  };
}

const TOKENIZERS_COMPONENT: Component = {
  type: 'library',
  'bom-ref': `pkg:pypi/tokenizers@${TOKENIZERS.version}`,
  name: 'tokenizers',
  version: TOKENIZERS.version,
  purl: `pkg:pypi/tokenizers@${TOKENIZERS.version}`,
  hashes: [{ alg: 'SHA-256', content: TOKENIZERS.sha256 }],
};

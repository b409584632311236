import { stringify } from 'yaml';
import { type DeployFile, type Deployment, MODELS_FOLDER, PORTS, serverArguments, TOKENIZERS } from './deployment.js';

const REQUIREMENTS = 'requirements.txt';
/** `triton-server` in the image, which has this number. */
const USER = 1000;

/** Built from the output folder: `docker build --file dist/deploy/Dockerfile --tag NAME dist`. */
export function containerFiles(deployment: Deployment): DeployFile[] {
  return [
    { path: 'Dockerfile', content: dockerfile(deployment) },
    ...(deployment.hasTokenizers ? [] : [{ path: REQUIREMENTS, content: requirements() }]),
    { path: 'compose.yaml', content: compose(deployment) },
  ];
}

/** The file name of a wheel is not the place for its hash: pip reads it from here and takes no other bytes. */
const requirements = (): string => `tokenizers==${TOKENIZERS.version} --hash=sha256:${TOKENIZERS.sha256}\n`;

function dockerfile(deployment: Deployment): string {
  const { name, image, repository, version, hasTokenizers } = deployment;
  const labels = {
    'org.opencontainers.image.title': name,
    'org.opencontainers.image.base.name': image,
    ...digestLabel(image),
    'io.github.transformer-deploy.version': version,
  };
  const labelText = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  const command = serverArguments(deployment).map(argument => JSON.stringify(argument));
  return `# docker build --file deploy/Dockerfile --tag ${name} .    (in the output folder)
FROM ${image}

LABEL ${labelText.join(' \\\n      ')}
${hasTokenizers ? '' : INSTALL}
COPY --chown=${USER}:${USER} ${repository} ${MODELS_FOLDER}

USER ${USER}:${USER}
EXPOSE ${PORTS.http} ${PORTS.grpc} ${PORTS.metrics}
HEALTHCHECK --interval=10s --timeout=3s --start-period=300s \\
  CMD ["curl", "--fail", "--silent", "http://localhost:${PORTS.http}/v2/health/ready"]
CMD [${command.join(', ')}]
`;
}

const INSTALL = `
# The image has numpy, but not tokenizers, whose own dependencies serve downloads only.
COPY deploy/${REQUIREMENTS} /tmp/${REQUIREMENTS}
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement /tmp/${REQUIREMENTS}
`;

/** Where the image is named by digest: what was pinned can be looked up in the running container. */
function digestLabel(image: string): Readonly<Record<string, string>> {
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1];
  return digest === undefined ? {} : { 'org.opencontainers.image.base.digest': digest };
}

function compose({ name, gpus }: Deployment): string {
  return stringify({
    name,
    services: {
      triton: {
        build: { context: '..', dockerfile: 'deploy/Dockerfile' },
        image: name,
        ports: Object.values(PORTS).map(port => `${port}:${port}`),
        // Python models pass tensors through shared memory; 64 MB are soon full.
        shm_size: '1gb',
        ulimits: { memlock: -1, stack: 67108864 },
        restart: 'unless-stopped',
        stop_grace_period: '40s',
        security_opt: ['no-new-privileges:true'],
        cap_drop: ['ALL'],
        ...(gpus > 0
          ? {
              deploy: {
                resources: { reservations: { devices: [{ driver: 'nvidia', count: gpus, capabilities: ['gpu'] }] } },
              },
            }
          : {}),
      },
    },
  });
}

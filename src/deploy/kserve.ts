import { type DeployFile, type Deployment, serverArguments } from './deployment.js';
import { serverContainer, sharedMemory, yaml } from './kubernetes.js';

/** KServe puts the models here, and talks to these ports. */
const KSERVE_FOLDER = '/mnt/models';
const KSERVE_PORTS = { http: 8080, grpc: 9000 };

/**
 * A ServingRuntime with our image, since KServe's own has no tokenizers, and an InferenceService that uses it. `storageUri` is
 * where the model repository was copied to: nobody but the user knows that.
 */
export function kserveFiles(deployment: Deployment): DeployFile[] {
  const runtime = `${deployment.name}-triton`;
  const ports = [`--http-port=${KSERVE_PORTS.http}`, `--grpc-port=${KSERVE_PORTS.grpc}`, '--allow-metrics=true'];
  const servingRuntime = {
    apiVersion: 'serving.kserve.io/v1alpha1',
    kind: 'ServingRuntime',
    metadata: { name: runtime },
    spec: {
      annotations: { 'prometheus.kserve.io/port': '8002', 'prometheus.kserve.io/path': '/metrics' },
      supportedModelFormats: [{ name: 'triton', version: '2' }],
      protocolVersions: ['v2', 'grpc-v2'],
      containers: [
        {
          name: 'kserve-container',
          ...serverContainer(deployment, [...serverArguments(deployment, KSERVE_FOLDER), ...ports]),
        },
      ],
      volumes: [sharedMemory],
    },
  };
  const inferenceService = {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: { name: deployment.name },
    spec: {
      predictor: {
        minReplicas: 1,
        model: {
          modelFormat: { name: 'triton', version: '2' },
          runtime,
          protocolVersion: 'v2',
          storageUri: `s3://BUCKET/${deployment.repository}`,
        },
      },
    },
  };
  return [{ path: 'kserve.yaml', content: `${yaml(servingRuntime)}---\n${yaml(inferenceService)}` }];
}

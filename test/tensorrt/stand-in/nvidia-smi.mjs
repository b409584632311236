#!/usr/bin/env node
/**
 * Stands in for nvidia-smi; see trtexec.mjs. STAND_IN_GPUS: several, one a line, where a machine has more than one. STAND_IN_DRIVER: 'missing' for a
 * kernel module that is not loaded.
 */
import { FAULTS } from './faults.mjs';

const fault = process.env.STAND_IN_FAULT ?? '';
if (fault === 'driver-mismatch') FAULTS[fault].instead();
if (process.env.STAND_IN_DRIVER === 'missing') {
  process.stdout.write(
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n",
  );
  process.exit(9);
}
const gpus = (process.env.STAND_IN_GPUS ?? process.env.STAND_IN_GPU ?? 'NVIDIA H100 80GB HBM3, 9.0')
  .split('\n')
  .filter(Boolean);
if (gpus.length === 0) {
  process.stdout.write('No devices were found\n');
  process.exit(6);
}
if (
  process.argv[2] === '--query-gpu=name,compute_cap,driver_version,uuid' &&
  process.argv[3] === '--format=csv,noheader'
) {
  for (const [index, gpu] of gpus.entries()) {
    process.stdout.write(`${gpu}, 550.54.15, GPU-0000000${index}-0000-0000-0000-000000000000\n`);
  }
} else if (process.argv.length === 2) {
  process.stdout.write('| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4     |\n');
} else {
  process.stderr.write(`Field "${process.argv[2]}" is not a valid field to query.\n`);
  process.exit(2);
}

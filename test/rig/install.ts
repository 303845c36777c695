import { installDebianPackages } from './real-node/debian-packages.ts';
import { realNodeSkipReason } from './index.ts';

if (realNodeSkipReason() !== undefined) process.exit(1);
await installDebianPackages();

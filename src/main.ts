#!/usr/bin/env node
import { runProcess } from './cli/index.ts';

await runProcess();

import { rigSkipReason } from '../rig/index.ts';
import { FULL_SECONDS, judge } from './judge.ts';
import { soak } from './soak.ts';

const reason = rigSkipReason();
if (reason !== undefined) throw new Error(reason);
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const result = await soak({
  seconds: Number(process.env['SOAK_SECONDS'] ?? FULL_SECONDS),
  print,
});
const { delay, writes, events, resumes } = result;
print(`${writes} writes, ${events} events, ${resumes} watches resumed`);
print(`delay: median ${delay.medianMs} ms, p99 ${delay.p99Ms} ms`);
for (const { ms, name, atMs } of delay.worst)
  print(`  ${ms} ms: ${name}, written at ${(atMs / 1000).toFixed(1)} s`);
const complaints = judge(result);
for (const complaint of complaints.slice(0, 50)) print(complaint);
print(complaints.length === 0 ? 'soak passed' : `soak failed: ${complaints.length} complaints`);
process.exitCode = complaints.length === 0 ? 0 : 1;

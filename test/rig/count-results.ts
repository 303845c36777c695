import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** What the test runner's JSON report says, as far as it is counted here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Suites without which a run proves nothing about real clusters. */
const MUST_RUN = ['test/rig/rig.test.ts', 'test/rig/real-node.test.ts'];

// count-results.ts REPORT RUNNER-EXIT-CODE [CHECK-EXIT-CODE…]
const [reportFile = '', runnerCode = '', ...otherChecks] = process.argv.slice(2);
const counts = { passed: 0, failed: 0 };
// Each further argument is the exit code of a check that counts as one test.
for (const code of otherChecks) counts[code === '0' ? 'passed' : 'failed'] += 1;

const { testResults } = readReport();
for (const { name, status, assertionResults } of testResults) {
  const passed = assertionResults.filter((test) => test.status === 'passed');
  const failed = assertionResults.filter((test) => test.status === 'failed');
  const skipped = assertionResults.filter((test) => !['passed', 'failed'].includes(test.status));
  counts.passed += passed.length;
  // A file that fails as a whole (in its set-up, say) may have no failed test of its own. What was
  // skipped was not proven: where everything is installed, nothing is.
  counts.failed += Math.max(failed.length + skipped.length, status === 'failed' ? 1 : 0);
  for (const test of skipped) console.log(`SKIPPED: ${relative('.', name)}: ${test.fullName}`);
  for (const test of failed) console.log(`FAILED: ${relative('.', name)}: ${test.fullName}`);
}
for (const file of MUST_RUN) {
  const tests =
    testResults.find(({ name }) => relative('.', name) === file)?.assertionResults ?? [];
  if (tests.length > 0 && tests.every(({ status }) => status === 'passed')) continue;
  console.log(`NOT PROVEN ON REAL CLUSTERS: ${file} did not run in full`);
  if (tests.length === 0) counts.failed += 1;
}

// Errors outside of any test (an unhandled rejection, say) show in the runner's exit code only.
if (runnerCode !== '0' && counts.failed === 0) {
  console.log(`the test runner ended with code ${runnerCode}`);
  counts.failed += 1;
}

console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;

function readReport(): Report {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  } catch (error) {
    console.log(`no report of the tests: ${String(error)}`);
    return { testResults: [] };
  }
}

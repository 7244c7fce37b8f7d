// Prints the totals of a vitest JSON report, and appends each failure to a file. Exits with 1 if nothing was tested.
// It also runs on a system's old Node, so it is plain JavaScript.
import { appendFileSync, readFileSync } from "node:fs";

const [report, complaints] = process.argv.slice(2);
const { numPassedTests, numFailedTests, success, testResults } = JSON.parse(readFileSync(report, "utf8"));
if (!(numPassedTests > 0)) process.exit(1);

for (const { name, status, message, assertionResults } of testResults) {
  const failures = assertionResults.filter((test) => test.status === "failed");
  for (const test of failures) say(`${name}: ${test.fullName}\n${test.failureMessages.join("\n")}`);
  if (status === "failed" && failures.length === 0) say(`${name}: ${message}`);
}
process.stdout.write(`${numPassedTests} ${numFailedTests || (success ? 0 : 1)}\n`);

function say(text) {
  appendFileSync(complaints, `${text.replaceAll("\n", "\n    ")}\n`);
}

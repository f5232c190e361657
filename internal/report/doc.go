// Package report shows what scan, doctor and the re-check after a repair found:
// to a person (text, Markdown), to a program (JSON, NDJSON), to continuous
// integration (GitHub annotations, SARIF, JUnit) and to monitoring
// (Prometheus).
//
// A [Document] holds the findings; [Write] shows it in one [Format]; [Targets]
// shows it in several, from one pass over the logs; [Merge] sums the JSON
// reports of many machines; [Metrics] are the counters of a process.
//
// Every format keeps three promises. A log on which no verdict was possible is
// never shown as healthy, nor is the document that holds it. Whatever came from
// a log or a path is escaped, so that no control character and no bidi override
// reaches a terminal, and nothing forges a line, a field or a command of the
// format. And what was left out for length is counted.
package report

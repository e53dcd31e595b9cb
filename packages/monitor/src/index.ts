// The public surface of the package.
export { createMonitor, type Monitor, type MonitorOptions, type MonitorState } from './supervisor.ts'
export { createRedactor, type Redactor } from './redact/redactor.ts'

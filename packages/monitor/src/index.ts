// The public surface of the package.

export { createRedactor, type Redactor } from './redact/redactor.ts'
export type { GrabDisplay, GrabRequest } from './screenshot/display-camera.ts'
export { createMonitor, type Monitor, type MonitorOptions, type MonitorState } from './supervisor.ts'

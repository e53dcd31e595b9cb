// What could be captured less well than asked for, for the log and `monitor_degraded`.

export interface MonitorWarning {
  readonly what: string
  readonly method?: string
  readonly message?: string
}

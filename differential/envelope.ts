// The fields of our events that the differential run looks at. All optional, as for any reader of a stream.
export interface EventData {
  readonly target_id?: string
  readonly target_type?: string
  readonly page_target_id?: string
  readonly url?: string
  readonly nav_seq?: number
  readonly late_attach?: boolean
  readonly replayed?: boolean
  readonly truncated_fields?: readonly string[]
  readonly request_id?: string
  readonly method?: string
  readonly resource_type?: string
  readonly initiator_type?: string
  readonly post_data?: string
  readonly redirect_url?: string
  readonly status?: number
  readonly status_text?: string
  readonly headers?: Readonly<Record<string, unknown>>
  readonly request_headers?: Readonly<Record<string, unknown>>
  readonly body?: string
  readonly body_absent_reason?: string
  readonly body_complete?: boolean
  readonly from_cache?: string
  readonly from_service_worker?: boolean
  readonly error_text?: string
  readonly canceled?: boolean
  readonly blocked_reason?: string
  readonly cors_error?: string
  readonly level?: string
  readonly text?: string
  readonly args?: readonly string[]
  readonly log_source?: string
  readonly line?: number
  readonly frame_id?: string
  readonly parent_frame_id?: string
  readonly navigation_type?: string
  readonly opener_id?: string
  readonly dialog_type?: string
  readonly message?: string
  readonly default_prompt?: string
  readonly suggested_filename?: string
  readonly state?: string
  readonly what?: string
  readonly direction?: string
  readonly opcode?: number
  readonly payload?: string
  readonly payload_bytes?: number
  readonly frames_sent?: number
  readonly frames_received?: number
}

export interface KnownEnvelope {
  readonly seq: number
  readonly event: {
    readonly type: string
    readonly source: { readonly kind: string; readonly event?: string }
    readonly data?: EventData
  }
}

// Every bound of the system, with its unit and its reason. What happens at a bound is said where it is used.

interface Limit {
  readonly value: number
  readonly unit: 'bytes' | 'ms' | 'count' | 'px'
  readonly reason: string
}

/** The table behind `limits`; `docs/reference/limits.md` is generated from it. */
export const limitTable = {
  recordBytes: { value: 1_000_000, unit: 'bytes', reason: 'Largest envelope as JSON; the record limit of S2. Above it the event is cut in tiers.' },
  foreignNameBytes: { value: 128, unit: 'bytes', reason: 'Longest type and source.event from outside, so that the last tier of cutting always fits.' },
  foreignMetadataKeys: { value: 32, unit: 'count', reason: 'Most keys of source.metadata from outside.' },
  foreignMetadataBytes: { value: 16_384, unit: 'bytes', reason: 'Largest source.metadata from outside.' },
  requestBodyBytes: { value: 1_048_576, unit: 'bytes', reason: 'Largest request body. Above it 413.' },
  requestHeaderBytes: { value: 16_384, unit: 'bytes', reason: 'Largest request line and headers together. Above it 431.' },
  serverCloseMs: { value: 3000, unit: 'ms', reason: 'How long open answers may go on after a stop before their connections are cut.' },
  streamHeartbeatMs: { value: 15_000, unit: 'ms', reason: 'A stream without a frame for this long gets a comment; published clients give up after 60 s of silence.' },
  streamStallMs: { value: 30_000, unit: 'ms', reason: 'A stream client that takes no byte for this long is closed.' },
  streamStallCheckMs: { value: 5000, unit: 'ms', reason: 'How often a waiting stream client is looked at for progress.' },
  streamWriteBytes: { value: 262_144, unit: 'bytes', reason: 'One write to one stream client, and so most of what waits in memory for it (one larger event aside).' },
  streamSharedBytes: { value: 4_194_304, unit: 'bytes', reason: 'Frames kept ready for clients that are a few ticks behind. Above it the oldest go: such a client is served from the ring or the disk.' },
  streamClients: { value: 5000, unit: 'count', reason: 'Open streams of one server. Above it 503.' },
  chromiumStartMs: { value: 60_000, unit: 'ms', reason: 'Longest wait for the DevTools endpoint of a new Chromium; a cold start on a busy machine takes several seconds.' },
  chromiumStopMs: { value: 5_000, unit: 'ms', reason: 'How long Chromium may take to end by itself before it is killed.' },
  chromiumOutputBytes: { value: 8_192, unit: 'bytes', reason: 'Last part of what Chromium wrote on stderr, kept for the error text of a failed start.' },
  chromiumRestartFirstMs: { value: 250, unit: 'ms', reason: 'First wait before a crashed Chromium is started again; doubles each time.' },
  chromiumRestartMostMs: { value: 5_000, unit: 'ms', reason: 'Longest wait before a crashed Chromium is started again.' },
  chromiumSteadyMs: { value: 30_000, unit: 'ms', reason: 'A Chromium that ran this long was healthy: the next crash is counted as the first.' },
  chromiumFailures: { value: 10, unit: 'count', reason: 'Crashes and failed starts in a row after which the supervisor gives up.' },
  displayStartMs: { value: 15_000, unit: 'ms', reason: 'Longest wait for a private Xvfb to say its display number.' },
  cdpMessageBytes: { value: 268_435_456, unit: 'bytes', reason: 'Largest message taken from Chromium, which sends none above 256 MiB.' },
  cdpVersionBytes: { value: 65_536, unit: 'bytes', reason: 'Most that is read of an answer to /json/version; a real one has some 500 bytes.' },
  cdpDiscoverMs: { value: 5_000, unit: 'ms', reason: 'Deadline of /json/version. Chromium answers in milliseconds, or after seconds while it starts.' },
  cdpOpenMs: { value: 5_000, unit: 'ms', reason: 'Deadline of the WebSocket handshake with Chromium.' },
  cdpCloseMs: { value: 1_000, unit: 'ms', reason: 'How long the closing handshake of a CDP socket may take before it is cut.' },
  cdpCommandMs: { value: 10_000, unit: 'ms', reason: 'Default deadline of a CDP command: the answer of a crashed or stuck tab may never come.' },
  cdpPendingCommands: { value: 10_000, unit: 'count', reason: 'Unanswered commands of one connection: set-up of some 1,000 targets at once. Above it a command is rejected at once.' },
  cdpTargets: { value: 10_000, unit: 'count', reason: 'Targets of one browser that are followed; a page can make workers in a loop. Above it new ones are let run but not captured.' },
  attachReadyMs: { value: 5_000, unit: 'ms', reason: 'Longest wait for the set-up of the targets that existed at attach; a stuck tab must not keep the others from being ready.' },
  attachStallMs: { value: 1_000, unit: 'ms', reason: 'Event loop blocked for this long in attach mode complete: targets were held that long, so the mode falls back to passive.' },
  attachBeatMs: { value: 250, unit: 'ms', reason: 'How often the event loop is checked for having been blocked.' },
  logRingRecords: { value: 32_768, unit: 'count', reason: 'Events kept in memory for readers; older ones come from disk.' },
  logRingBytes: { value: 67_108_864, unit: 'bytes', reason: 'Memory of the events kept for readers. The newest is kept whatever its size.' },
  logRecordOverheadBytes: { value: 256, unit: 'bytes', reason: 'What one kept event costs beyond its JSON: the objects around it.' },
  logSlabBytes: { value: 262_144, unit: 'bytes', reason: 'Events are written into blocks of this size: one allocation for some hundred of them.' },
  logQueueBytes: { value: 67_108_864, unit: 'bytes', reason: 'Memory of events that wait for the disk. Above it the oldest of them are lost to the disk and counted.' },
  logBatchMs: { value: 50, unit: 'ms', reason: 'An event waits at most this long before its batch is written: what a power cut can take.' },
  logBatchBytes: { value: 262_144, unit: 'bytes', reason: 'A batch of this size is written without waiting longer.' },
  logBatchMostBytes: { value: 1_048_576, unit: 'bytes', reason: 'Largest batch when the disk is behind (one larger event aside): memory of one write and of one read back.' },
  logSegmentBytes: { value: 67_108_864, unit: 'bytes', reason: 'A segment file is closed at this size; retention removes whole segments.' },
  logSegmentBatches: { value: 16_384, unit: 'count', reason: 'A segment file is closed after this many batches, so that its index stays below 1 MiB in memory.' },
  logRetentionBytes: { value: 1_073_741_824, unit: 'bytes', reason: 'Disk space of the log. Above it the oldest segments go.' },
  logRetentionMs: { value: 604_800_000, unit: 'ms', reason: 'Segments whose newest event is older than a week go.' },
  logRetentionCheckMs: { value: 60_000, unit: 'ms', reason: 'How often the age of segments is looked at.' },
  logReservedNumbers: { value: 1_000_000, unit: 'count', reason: 'Numbers reserved on disk ahead of use; a crash skips at most this many. Half of it lasts while a disk refuses to reserve more.' },
  logRetryMs: { value: 1_000, unit: 'ms', reason: 'Wait before a disk that refused a write is tried again.' },
  logScanBytes: { value: 8_388_608, unit: 'bytes', reason: 'Most that one read looks through for a filter that matches little, before it lets others run.' },
  logIndexesCached: { value: 8, unit: 'count', reason: 'Indexes of closed segments kept in memory for readers, below 1 MiB each.' },
} as const satisfies Record<string, Limit>

type LimitName = keyof typeof limitTable

/** The values of the table by name. */
export const limits = Object.fromEntries(Object.entries(limitTable).map(([name, limit]) => [name, limit.value])) as {
  readonly [Name in LimitName]: (typeof limitTable)[Name]['value']
}

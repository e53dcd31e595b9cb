// Log records to the bytes of an OTLP request and back from an answer, by the official encoder, which is loaded when it is asked for.
import type { OtlpRecord } from './otlp-mapping.ts'

export interface Encoder {
  /** The protobuf bytes of one request. */
  encode(records: readonly OtlpRecord[], resource: Readonly<Record<string, string>>): Uint8Array
  /** How many records of a request the collector says that it dropped, from the answer's bytes. */
  rejectedIn(answer: Uint8Array, sent: number): number
}

/** Who says it. An object of its own, because the encoder groups records by its identity. */
const scope = { name: 'tabscope' }

/** Loads the encoder: some 0.2 s and 15 MB, once. */
export async function loadEncoder(): Promise<Encoder> {
  const [{ ProtobufLogsSerializer }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/otlp-transformer'),
    import('@opentelemetry/resources'),
  ])
  type Input = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0][number]
  const inputOf = (record: OtlpRecord, resource: Input['resource']): Input => {
    const time: [number, number] = [Math.floor(record.timeUs / 1e6), (record.timeUs % 1e6) * 1000]
    return {
      hrTime: time,
      hrTimeObserved: time,
      severityNumber: record.severity.number,
      severityText: record.severity.text,
      eventName: record.eventName,
      // JSON by origin, which the encoder's type says in another way.
      body: record.body as Input['body'] & {},
      attributes: record.attributes as Input['attributes'],
      droppedAttributesCount: 0,
      resource,
      instrumentationScope: scope,
    }
  }
  return {
    encode: (records, attributes) => {
      const resource = resourceFromAttributes(attributes)
      return ProtobufLogsSerializer.serializeRequest(records.map((record) => inputOf(record, resource))) ?? new Uint8Array()
    },
    rejectedIn: (answer, sent) => {
      try {
        const rejected = Number(ProtobufLogsSerializer.deserializeResponse(answer).partialSuccess?.rejectedLogRecords ?? 0)
        return rejected > 0 ? Math.min(rejected, sent) : 0
      } catch {
        // It said that it took them; an answer that is no protobuf (a proxy's) says nothing against it.
        return 0
      }
    },
  }
}

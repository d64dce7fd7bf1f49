import Platform
import Wire

extension ControlChannel: UsageChannel {
    package func sendUsage(_ batch: [UInt8]) async throws -> UsageAnswer {
        let response = try await self.send(
            Call(
                .post,
                "/node/v1/usage",
                body: batch,
                headers: [OutgoingHeader("content-type", "application/x-protobuf")],
                replyBytesMax: max(UsageAck.sizeMax, UsageRewind.sizeMax, NodeRefusal.sizeMax)
            )
        )
        switch response.status {
        case 200: return .reply(.accepted(through: try UsageAck.decode(response.body).ackedThrough))
        case 409:
            let rewind = try UsageRewind.decode(response.body)
            return .reply(rewind.isFenced ? .fenced : .rewind(to: rewind.expectedSequence))
        default:
            // A date instead of seconds is not worth reading: the machine has its own pace.
            return .notNow(
                retryAfterMilliseconds: response["retry-after"].flatMap(Int64.init).map { min($0, 3_600) * 1_000 }
            )
        }
    }
}

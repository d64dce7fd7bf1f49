package import Domain
package import NIOCore

/// The bodies of `GET /v1/models` and `GET /v1/models/{name}` in OpenAI's shape.
package struct ModelList: Sendable {
    private let offers: [Offer]
    private let created: Timestamp

    /// `created` stands as every entry's creation time: SDKs want a number there, and ours have none.
    package init(_ offers: [Offer], created: Timestamp) {
        self.offers = offers
        self.created = created
    }

    package var body: ByteBuffer {
        var body = ByteBuffer(staticString: "{\"object\":\"list\",\"data\":[")
        for (index, offer) in self.offers.enumerated() {
            if index > 0 { body.writeStaticString(",") }
            self.write(offer, to: &body)
        }
        body.writeStaticString("]}")
        return body
    }

    /// The entry of one name.
    package func body(of name: String) throws(Fault) -> ByteBuffer {
        guard let offer = self.offers.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            throw Fault(
                .modelNotFound,
                parameter: "model",
                "No route or model named '\(name.prefix(140))' is open to this key. GET /v1/models lists those that are."
            )
        }
        var body = ByteBuffer()
        self.write(offer, to: &body)
        return body
    }

    private func write(_ offer: Offer, to body: inout ByteBuffer) {
        body.writeStaticString("{\"id\":")
        body.writeJSONString(offer.name)
        body.writeString(",\"object\":\"model\",\"created\":\(self.created.unixMilliseconds / 1_000),\"owned_by\":")
        body.writeJSONString(offer.owner)
        body.writeStaticString("}")
    }
}

import NIOCore
import Testing

@testable import Dialects
@testable import Domain

extension ByteBuffer {
    /// All bytes, as text.
    var text: String { String(buffer: self) }

    /// Where the readable bytes lie in memory.
    var address: UInt { unsafe self.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } }

    /// Every way to cut it in two, every cut as a pair of buffers that share no memory.
    var cuts: [[ByteBuffer]] {
        let bytes = Array(self.readableBytesView)
        return (0...bytes.count).map { [ByteBuffer(bytes: bytes[..<$0]), ByteBuffer(bytes: bytes[$0...])] }
    }

    /// One buffer for each byte.
    var single: [ByteBuffer] { self.readableBytesView.map { ByteBuffer(bytes: [$0]) } }
}

extension [ByteBuffer] {
    var joined: ByteBuffer {
        var joined = ByteBuffer()
        for piece in self { joined.writeImmutableBuffer(piece) }
        return joined
    }
}

extension PlannedAttempt {
    /// An attempt of a model that the provider calls `gpt-4o-2024-08-06`.
    static func fixture(
        dialect: Provider.Dialect = .openAI,
        upstream: String = "gpt-4o-2024-08-06",
        outputCap: Int64 = 512
    ) throws -> PlannedAttempt {
        let name = try #require(Name<Provider>("vendor"))
        let price = Price(
            version: 1,
            from: Timestamp(unixMilliseconds: 0),
            input: Money(nanoDollars: 100),
            cachedInput: nil,
            output: Money(nanoDollars: 400)
        )
        return PlannedAttempt(
            model: Model(
                name: try #require(Name<Model>("vendor/model")),
                provider: name,
                upstream: upstream,
                prices: [price],
                context: 8_192,
                maxOutput: 4_096,
                capabilities: [.chat, .stream]
            ),
            provider: Provider(
                name: name,
                dialect: dialect,
                baseURL: try #require(BaseURL("http://127.0.0.1:1/v1")),
                region: "local",
                jurisdictions: ["LOCAL"],
                credential: .none
            ),
            price: price,
            outputCap: outputCap
        )
    }
}

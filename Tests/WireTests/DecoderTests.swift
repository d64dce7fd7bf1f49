import Domain
import TestSupport
import Testing
import Wire

/// Bytes from outside end in a value or in a reason, never in a trap.
struct DecoderTests {
    @Test func `every message is read back as it was written`() throws {
        #expect(try Root.decode(Sample.root.encoded()) == Sample.root)
        #expect(try Head.decode(Sample.head.encoded()) == Sample.head)
        #expect(try Manifest.decode(Sample.manifest.encoded()) == Sample.manifest)
        #expect(try SignedDenyList.decode(Sample.denyList.encoded()) == Sample.denyList)
        #expect(try Floors.decode(Sample.floors.encoded()) == Sample.floors)
        #expect(try NodeStatus.decode(Sample.status.encoded()) == Sample.status)
        #expect(try EnrollRequest.decode(Sample.enrollRequest.encoded()) == Sample.enrollRequest)
        #expect(try EnrollReply.decode(Sample.enrollReply.encoded()) == Sample.enrollReply)
        #expect(try SealedSecrets.decode(Sample.sealedSecrets.encoded()) == Sample.sealedSecrets)
        #expect(try UsageBatch.decode(Sample.batch.encoded()) == Sample.batch)
        #expect(try LeaseCodec.call(LeaseCodec.encode(Sample.leaseCall)) == Sample.leaseCall)
        #expect(try LeaseCodec.grants(LeaseCodec.encode(Sample.leaseGrants)) == Sample.leaseGrants)
        let answer = try LeaseCodec.answer(LeaseCodec.encode(Sample.leaseGrants, limits: Sample.limitAnswer))
        #expect(answer.grants == Sample.leaseGrants && answer.limits == Sample.limitAnswer)
        #expect(try LeaseCodec.answer(LeaseCodec.encode(Sample.leaseGrants)).limits == nil, "of a build without limits")
        #expect(try StoredSnapshot.decode(Sample.storedSnapshot.encoded()) == Sample.storedSnapshot)
        #expect(try StoredTrial.decode(Sample.storedTrial.encoded()) == Sample.storedTrial)
        #expect(try UsageAck.decode(UsageAck(ackedThrough: 9).encoded()).ackedThrough == 9)
        for code in NodeRefusal.Code.allCases {
            #expect(try NodeRefusal.decode(NodeRefusal(code, "why").encoded()) == NodeRefusal(code, "why"))
        }
    }

    @Test func `a message that is cut at any byte is read or refused`() {
        for (name, example, decode) in Sample.decoders {
            var refused = 0
            for length in 0..<example.count {
                do { try decode(Array(example.prefix(length))) } catch { refused += 1 }
            }
            #expect(refused > 0, "\(name)")
        }
    }

    @Test func `bytes changed at random are read or refused`() {
        var random = SeededGenerator.printed()
        for (_, example, decode) in Sample.decoders {
            for _ in 0..<2_000 {
                var bytes = example
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
                    case 1: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: index)
                    case 2: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    default: if bytes.count > 1 { bytes.remove(at: index) }
                    }
                }
                do { try decode(bytes) } catch { continue }
            }
        }
    }

    @Test func `random bytes are read or refused`() {
        var random = SeededGenerator.printed()
        for (_, _, decode) in Sample.decoders {
            for _ in 0..<1_000 {
                let count = Int.random(in: 0...96, using: &random)
                let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
                do { try decode(bytes) } catch { continue }
            }
        }
    }

    @Test func `a field said twice is refused in every message`() throws {
        for (name, example, decode) in Sample.decoders where !["stored roots", "ack", "secrets"].contains(name) {
            // The first field again, at the end.
            let first = try #require(Self.firstField(of: example), "\(name)")
            #expect(throws: (any Error).self, "\(name)") { try decode(example + first) }
        }
    }

    @Test func `what is over its bound is refused before it is parsed`() {
        let tooLong = [UInt8](repeating: 0, count: PayloadType.head.envelopeSizeMax + 1)
        #expect(throws: SnapshotRefusal(.envelope, .oversized, "martlet.v1.Envelope has 5121 bytes, over its 5120")) {
            try Envelope.decode(tooLong, expecting: .head)
        }
        #expect(throws: WireError.self) { try UsageBatch.decode([UInt8](repeating: 0, count: UsageBatch.sizeMax + 1)) }
    }

    /// The bytes of the first field of a message that starts with a varint or a length-delimited one below 128 bytes.
    private static func firstField(of message: [UInt8]) -> [UInt8]? {
        guard message.count > 1 else { return nil }
        if message[0] & 7 == 0 { return Array(message.prefix(2)) }
        var index = 1
        var length = 0
        var shift = 0
        while index < message.count {
            length |= Int(message[index] & 0x7F) << shift
            shift += 7
            index += 1
            if message[index - 1] < 0x80 { break }
        }
        return Array(message.prefix(index + length))
    }
}

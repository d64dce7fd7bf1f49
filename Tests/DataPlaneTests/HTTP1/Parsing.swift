import NIOCore

@testable import DataPlane

/// A message as a reader understood it, for comparing.
struct Understood: Hashable {
    var start: String
    var fields: [String]
    var body: [UInt8] = []
    var isWhole = false
}

/// What a reader made of some bytes, fed in the given pieces.
struct Reading: Hashable {
    var messages: [Understood] = []
    var flaw: HTTP1Flaw?

    static func requests(in pieces: [ByteBuffer]) -> Reading {
        var reading = Reading()
        var reader = RequestReader()
        for piece in pieces where reading.flaw == nil {
            reader.feed(piece)
            do throws(HTTP1Flaw) {
                while let part = try reader.next() { reading.take(part) }
            } catch { reading.flaw = error }
        }
        return reading
    }

    static func requests(in text: String) -> Reading { self.requests(in: [ByteBuffer(string: text)]) }

    /// With the end of the connection behind the last piece.
    static func replies(in pieces: [ByteBuffer]) -> Reading {
        var reading = Reading()
        var reader = ReplyReader()
        do throws(HTTP1Flaw) {
            for piece in pieces {
                reader.feed(piece)
                while let part = try reader.next() { reading.take(part) }
            }
            if try reader.finish() { reading.end() }
        } catch { reading.flaw = error }
        return reading
    }

    static func replies(in text: String) -> Reading { self.replies(in: [ByteBuffer(string: text)]) }

    private mutating func take(_ part: RequestPart) {
        switch part {
        case .head(let head): self.begin("\(head.method) \(head.target)", head.fields, keepsAlive: head.keepsAlive)
        case .body(let bytes): self.add(bytes)
        case .end: self.end()
        }
    }

    private mutating func take(_ part: ReplyPart) {
        switch part {
        case .head(let head):
            self.begin("\(head.status)\(head.isDelimited ? "" : " open")", head.fields, keepsAlive: head.keepsAlive)
        case .body(let bytes): self.add(bytes)
        case .end: self.end()
        }
    }

    private mutating func begin(_ start: String, _ fields: Fields, keepsAlive: Bool) {
        let lines = fields.indices.map { "\(fields.name(at: $0)): \(fields.value(at: $0))" }
        self.messages.append(Understood(start: start + (keepsAlive ? "" : " close"), fields: lines))
    }

    private mutating func add(_ bytes: ByteBuffer) {
        self.messages[self.messages.count - 1].body.append(contentsOf: bytes.readableBytesView)
    }

    private mutating func end() { self.messages[self.messages.count - 1].isWhole = true }
}

extension String {
    /// In two pieces, at every place; long texts, which repeat themselves, only at their first thousand and the last.
    var cutOnce: [[ByteBuffer]] {
        let bytes = Array(self.utf8)
        let places = (0...bytes.count).filter { $0 < 1_000 || $0 == bytes.count - 1 }
        return places.map { [ByteBuffer(bytes: bytes[..<$0]), ByteBuffer(bytes: bytes[$0...])] }
    }

    var cutEverywhere: [ByteBuffer] { self.utf8.map { ByteBuffer(bytes: [$0]) } }
}

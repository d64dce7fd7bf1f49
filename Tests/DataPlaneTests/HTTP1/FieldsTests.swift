import NIOCore
import Testing

@testable import DataPlane

@Suite struct FieldsTests {
    @Test func `names are found in any case, values stay as they are`() {
        var fields = Fields()
        fields.add("Content-Type", "Text/Plain")
        fields.add("x-list", "a")
        fields.add("X-LIST", "b")
        #expect(fields["content-type"] == "Text/Plain" && fields["content-typ"] == nil && fields["x"] == nil)
        #expect(fields.joined("x-list") == "a, b" && fields.joined("content-type") == "Text/Plain")
        #expect(fields.joined("none") == nil && fields.count(of: "x-list") == 2 && fields.index(of: "x-list") == 1)
        #expect(
            fields.hasPrefix("x-", at: 1) && !fields.hasPrefix("x-list-of", at: 1) && !fields.hasPrefix("x-", at: 0)
        )
        #expect(fields.name(at: 2) == "x-list" && fields.value(at: 2) == "b")
    }

    @Test func `fields that are passed on keep every byte, also those that are no UTF-8`() {
        var reader = RequestReader()
        reader.feed(
            ByteBuffer(
                bytes: Array("GET / HTTP/1.1\r\nhost: a\r\nX-Name: ".utf8) + [0xE4, 0x20, 0xFF] + Array("\r\n\r\n".utf8)
            )
        )
        guard case .head(let head)? = try? reader.next() else { return #expect(Bool(false), "a head") }
        var passed = Fields()
        passed.add("first", "1")
        passed.add(1, of: head.fields)
        #expect(passed.bytes(at: 1) == ByteBuffer(bytes: [0xE4, 0x20, 0xFF]) && passed.name(at: 1) == "x-name")
        var all = Fields()
        all.add("zeroth", "0")
        all.add(passed)
        #expect(all["first"] == "1" && all.bytes(at: 2) == passed.bytes(at: 1) && all["zeroth"] == "0")
    }
}

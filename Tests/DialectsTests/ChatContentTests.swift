import Domain
import NIOCore
import Testing

@testable import Dialects

@Suite struct `What a chat completion holds beside text` {
    private func content(_ messages: String, more: String = "") throws -> InputContent {
        let reader = JSONReader()
        let body = ByteBuffer(string: #"{"model":"m","messages":\#(messages)\#(more)}"#)
        return try ChatRequest(body, with: reader).content(with: reader)
    }

    private static let inBody = #"{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}"#
    private static let linked = #"{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}"#

    @Test(
        arguments: [
            (#"[]"#, .text), (#"[{"role":"user","content":"image_url"}]"#, .text),
            (#"[{"role":"user","content":null}]"#, .text),
            (#"[{"content":[{"type":"text","text":"a"},{"type":"refusal","refusal":"b"}]}]"#, .text),
            (#"[{"content":[\#(inBody),{"type":"text","text":"a"}]},{"content":[\#(inBody)]}]"#, .images(2)),
            (#"[{"content":[\#(inBody),\#(linked)]}]"#, .unbounded),
            (#"[{"content":[{"type":"image_url","image_url":"data:x"}]}]"#, .unbounded),
            (
                #"[{"content":[{"\\u0074ype":"image_\\u0075rl","image_url":{"u\\u0072l":"https://example.com"}}]}]"#,
                .unbounded
            ),
            (#"[{"content":[{"type":"input_audio","input_audio":{"data":"AA","format":"wav"}}]}]"#, .unbounded),
            (#"[{"content":[{"type":"file","file":{"file_id":"f"}}]}]"#, .unbounded),
            (#"[{"content":[{"text":"no type"}]}]"#, .unbounded), (#"[{"content":[7]}]"#, .unbounded),
            (#"[{"role":"assistant","audio":{"id":"audio_1"}}]"#, .unbounded),
            (#"[{"role":"assistant","audio":null,"content":"a"}]"#, .text),
            (#"[7,"a",null,[{"content":[1]}]]"#, .text),
        ] as [(String, InputContent)]
    )
    func `links, files and sounds have no bound in the body, and images in it are counted`(
        messages: String,
        expected: InputContent
    ) throws {
        #expect(try self.content(messages) == expected)
    }

    @Test func `a search that the provider does for itself has no bound either`() throws {
        #expect(try self.content("[]", more: #","web_search_options":{}"#) == .unbounded)
        #expect(try self.content("[]", more: #","web_search_options":null"#) == .text)
    }
}

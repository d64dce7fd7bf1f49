import Foundation

/// Bodies of chat requests that must be refused. `MODEL` in them is the attacker's model.
enum HostileBodies {
    /// Not JSON, not an object, or not a chat request.
    static let broken = [
        "", " ", "{", "}", "[]", "null", "true", "1", "\"\"", "{}", "{]", "[}", "nul", "NaN", "Infinity", "{a:1}",
        "{'a':1}",
        "\u{FEFF}{}", "{\"model\":\"MODEL\"}", "{\"messages\":[]}", "{\"model\":\"MODEL\",\"messages\":[]",
        "{\"model\":\"MODEL\",\"messages\":[]}}", "{\"model\":\"MODEL\",\"messages\":[],}",
        "{\"model\":\"MODEL\",\"messages\":[]} {}", "{\"model\":\"MODEL\",\"messages\":[]}x",
        "{\"model\":\"MODEL\",\"messages\":[]}\u{0}", "{\"model\":\"MODEL\" \"messages\":[]}",
        "{\"model\":\"MODEL\",\"messages\":[],\"x\":01}", "{\"model\":\"MODEL\",\"messages\":[],\"x\":1.}",
        "{\"model\":\"MODEL\",\"messages\":[],\"x\":.5}", "{\"model\":\"MODEL\",\"messages\":[],\"x\":+1}",
        "{\"model\":\"MODEL\",\"messages\":[],\"x\":1e}", "{\"model\":\"MODEL\",\"messages\":[],\"x\":1e999}",
        "{\"model\":\"MODEL\",\"messages\":[],\"x\":\"\u{1}\"}", "{\"model\":\"MODEL\",\"messages\":[],\"x\":\"\\x\"}",
        "{\"model\":\"MODEL\",\"messages\":[],\"x\":\"\\u12\"}",
        "{\"model\":\"MODEL\",\"messages\":[],\"x\":\"\\ud800\"}",
        "{\"model\":\"MODEL\",\"messages\":[],\"x\":tru}", "{\"model\":\"MODEL\",\"messages\":[]/**/}",
        "//\n{\"model\":\"MODEL\",\"messages\":[]}", "{\"model\":\"MODEL\",\"messages\":[[[]}",
        "{\"model\":\"no-such-model\",\"messages\":[]}", "{\"model\":\"\",\"messages\":[]}",
        "{\"model\":\"../MODEL\",\"messages\":[]}", "{\"model\":\"MODEL\\u0000\",\"messages\":[]}",
        "model=MODEL&messages=[]", "<model>MODEL</model>", "--x\r\ncontent-disposition: form-data\r\n\r\n1\r\n--x--",
    ]

    /// Bytes that are not UTF-8, in a string of an otherwise good body.
    static let notUTF8: [[UInt8]] = [
        [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
        [0xF8, 0x88, 0x80, 0x80],
    ]

    /// An owned field twice, in escapes, in another letter case, or with a value that it does not take.
    static let ambiguous =
        [
            "\"model\":\"MODEL\"", "\"model\":null", "\"mod\\u0065l\":\"other\"", "\"\\u006dodel\":\"MODEL\"",
            "\"Model\":\"other\"", "\"MODEL\":\"x\",\"mOdel\":1", "\"messages\":[]", "\"Messages\":[]",
            "\"stream\":1", "\"stream\":\"true\"", "\"stream\":true,\"stream\":false", "\"Stream\":true",
            "\"str\\u0065am\":true", "\"max_tokens\":\"5\"", "\"max_tokens\":-1", "\"max_tokens\":1.5",
            "\"max_tokens\":1e3", "\"max_tokens\":1,\"max_tokens\":100000", "\"MAX_TOKENS\":9",
            "\"max\\u005ftokens\":9", "\"max_completion_tokens\":0", "\"max_output_tokens\":5", "\"n_predict\":5",
            "\"num_predict\":5", "\"max_new_tokens\":5", "\"n\":0", "\"n\":[]", "\"n\":1,\"n\":2", "\"N\":8",
            "\"n_cmpl\":3", "\"stream_options\":true", "\"stream_options\":{\"include_usage\":1}",
            "\"stream_options\":{\"include_usage\":true,\"include_usage\":false}",
            "\"stream_options\":{\"Include_usage\":false}", "\"metadata\":[]", "\"metadata\":{},\"metadata\":{}",
            "\"user\":5", "\"user\":\"a\",\"user\":\"b\"", "\"User\":\"a\"", "\"service_tier\":1", "\"store\":0",
            "\"prompt\":\"x\"", "\"prompt\":{\"id\":\"nobody-wrote-this\"}", "\"previous_response_id\":\"resp_1\"",
            "\"conversation\":\"conv_1\"", "\"background\":true",
        ]

    /// A good body with `members` behind its own.
    static func body(with members: String, for caller: HostileCaller) -> String {
        "\(caller.body.dropLast()),\(self.text(members, for: caller))}"
    }

    static func text(_ template: String, for caller: HostileCaller) -> String {
        template.replacingOccurrences(of: "MODEL", with: caller.model)
    }
}

import Domain
import Testing

@Suite struct `Base URLs` {
    @Test func `are taken apart`() throws {
        let cases: [(text: String, host: String, port: Int, prefix: String, header: String)] = [
            ("https://api.openai.com/v1", "api.openai.com", 443, "/v1", "api.openai.com"),
            ("https://API.OpenAI.com/v1///", "api.openai.com", 443, "/v1", "api.openai.com"),
            ("http://127.0.0.1:8490/v1", "127.0.0.1", 8490, "/v1", "127.0.0.1:8490"),
            ("http://localhost", "localhost", 80, "", "localhost"),
            ("http://localhost:80/", "localhost", 80, "", "localhost"),
            ("https://localhost:80", "localhost", 80, "", "localhost:80"),
            ("http://[::1]:9/a/b", "::1", 9, "/a/b", "[::1]:9"),
            ("https://[2001:DB8::1]/x", "2001:db8::1", 443, "/x", "[2001:db8::1]"),
            ("http://model_server-1:1234", "model_server-1", 1234, "", "model_server-1:1234"),
            ("https://a.example/v1/%41", "a.example", 443, "/v1/%41", "a.example"),
            ("https://a.example/...", "a.example", 443, "/...", "a.example"),
        ]
        for expected in cases {
            let url = try #require(BaseURL(expected.text), "\(expected.text)")
            #expect(url.host == expected.host)
            #expect(url.port == expected.port)
            #expect(url.pathPrefix == expected.prefix)
            #expect(url.hostHeader == expected.header)
            #expect(BaseURL(url.description) == url)
        }
    }

    @Test func `what could be read in two ways is refused`() {
        let texts = [
            "", "https://", "ftp://a", "//a", "a.example", "HTTPS://a", "https:///v1", "https://a b", "https://a/ ",
            "https://user@a", "https://a@b/v1", "https://a?x=1", "https://a/v1?x", "https://a/v1#f", "https://a\\b",
            "https://a:0", "https://a:65536", "https://a:", "https://a:+1", "https://a:8x", "https://a:1:2",
            "https://a:000080", "https://[::1", "https://[::1]x80", "https://[::1]80", "https://[]", "https://[a]",
            "https://[127.0.0.1]", "https://[fe80::1%25eth0]", "https://::1", "https://a/../b", "https://a/v1/..",
            "https://a/./b", "https://a/%2e%2E/b", "https://a/.%2e/b", "https://a/%2E", "https://é.example",
            "https://a/é", "https://a%2fb", "https://a..b", "https://.a", "https://a.", "https://a,b", "https://*",
            "http://2130706433", "http://0x7f.1", "http://127.1", "http://0177.0.0.1", "http://127.0.0.256",
            "http://127.0.0.01", "http://1.2.3.4.5", "http://a.0x1f", "http://a.1",
            "https://" + String(repeating: "a", count: 64), "https://a/" + String(repeating: "b", count: 2_048),
        ]
        for text in texts { #expect(BaseURL(text) == nil, "\(text)") }
    }
}

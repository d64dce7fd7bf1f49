import ArgumentParser
import Foundation
import Platform
import TestSupport
import Testing

@testable import martlet

@Suite struct `Prices that are imported` {
    private func map() throws -> PublicPriceMap {
        try PublicPriceMap(
            Array(Data(contentsOf: Repository.root.appending(path: "Tests/Fixtures/prices/public-map.json")))
        )
    }

    private func json(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    private func model(_ name: String, _ upstream: String, price: String = "null") throws -> JSONValue {
        try self.json(#"{"name": "\#(name)", "upstream": "\#(upstream)", "context": 9, "price": \#(price)}"#)
    }

    private func price(_ name: String, _ upstream: String) throws -> JSONValue {
        let found = PriceImport([try self.model(name, upstream)], from: try self.map())
        return try #require(found.models.first)["price"]
    }

    @Test func `rates of all sizes and service tiers are those of a price of ours`() throws {
        #expect(
            try self.price("openai/big", "gpt-big")
                == self.json(
                    """
                    {"input": "1.25", "cachedInput": "0.125", "output": "10.00",
                     "tiers": [{"aboveInputTokens": 272000, "input": "2.50", "output": "15.00"}],
                     "serviceTiers": {
                        "batch": {"input": "0.625", "output": "5.00"},
                        "flex": {"input": "0.625", "output": "5.00",
                                 "tiers": [{"aboveInputTokens": 272000, "input": "1.25", "output": "15.00"}]}}}
                    """
                )
        )
        #expect(
            try self.price("speech/all", "all")
                == self.json(
                    """
                    {"input": "2.00", "inputAudio": "40.00", "inputImage": "3.00", "output": "4.00",
                     "reasoning": "6.00", "outputAudio": "80.00", "outputImage": "30.00", "perCall": "0.005"}
                    """
                )
        )
        #expect(try self.price("local/embed", "e") == self.json(#"{"input": "0.13", "output": "0.00"}"#))
    }

    @Test func `writes into a cache for an hour are no size of input`() throws {
        #expect(
            try self.price("anthropic/small", "claude-small")
                == self.json(
                    """
                    {"input": "1.00", "cacheWrite": "1.25", "cacheWrite1h": "2.00", "output": "5.00",
                     "tiers": [
                        {"aboveInputTokens": 200000, "input": "1.00", "cacheWrite1h": "4.00", "output": "5.00"}]}
                    """
                )
        )
    }

    @Test func `a size that counts from its number on begins one token earlier`() throws {
        let tiers = try self.price("xai/grok-x", "grok-x")["tiers"].array
        #expect(tiers.map { $0["aboveInputTokens"] } == [.integer(199_999)])
    }

    @Test func `what has no place is named, and what cannot be mapped is left as it is`() throws {
        let models = try [
            self.model("openai/big", "gpt-big"), self.model("local/picture", "p"), self.model("local/refund", "r"),
            self.model("local/other", "o"), self.model("azure/big", "gpt-big"), self.model("openai/old", "gpt-big"),
        ]
        let found = PriceImport(models, in: ["openai/old": "stopped"], from: try self.map())
        #expect(found.models.map { $0["name"] } == [.string("openai/big")])
        #expect(
            found.lines == [
                "openai/big: priced by gpt-big; without code_interpreter_cost_per_session, "
                    + "input_cost_per_token_ultrafast, search_context_cost_per_query",
                "local/picture: left as it is: local/picture: the map has no price for its tokens",
                "local/refund: left as it is: local/refund: the map has a price below zero",
                "local/other: not in the map",
                // The same name at another provider may cost something else.
                "azure/big: not in the map", "openai/old: left as it is: stopped",
            ]
        )
        let told = PriceImport(models, from: try self.map(), entries: ["azure/big": "gpt-big", "openai/big": "none"])
        #expect(told.models.map { $0["name"] } == [.string("azure/big"), .string("openai/old")])
        #expect(told.lines.first == "openai/big: not in the map")
    }

    @Test func `a price that is the same already is not proposed again, whenever it began`() throws {
        let dated = #"{"input": "0.13", "output": "0.00", "from": "2026-01-01T00:00:00Z"}"#
        let found = PriceImport([try self.model("local/embed", "e", price: dated)], from: try self.map())
        #expect(found.models.isEmpty)
        #expect(found.lines == ["local/embed: as it is by local/embed"])
        // A new price begins when it is approved, not when the old one did.
        let other = #"{"input": "0.14", "output": "0.00", "from": "2026-01-01T00:00:00Z"}"#
        let changed = PriceImport([try self.model("local/embed", "e", price: other)], from: try self.map())
        #expect(changed.models.first?["price"]["from"] == .null)
        #expect(changed.models.first?["context"] == .integer(9))
        #expect(changed.bundle["models"].array == changed.models)
    }

    @Test(arguments: ["", "[]", "{\"a\": 1}", "{\"a\": {\"input_cost_per_token\": 1"])
    func `a file that is no such map is refused`(text: String) {
        #expect(throws: Refusal.self) { try PublicPriceMap(Array(text.utf8)) }
    }

    @Test func `a fraction is taken digit by digit`() throws {
        // As binary fractions these are not what they say.
        for (written, price) in [
            ("1.1e-07", "0.11"), ("0.00000000000123", "0.00000123"), ("7e-15", "0.000000007"), ("0.0125", "12500.00"),
            ("2.9999900000000002e-06", "2.999990001"), ("1e-18", "0.000000001"), ("0", "0.00"), ("1", "1000000.00"),
        ] {
            let map = try PublicPriceMap(Array(#"{"a/b": {"input_cost_per_token": \#(written)}}"#.utf8))
            let found = PriceImport([try self.model("a/b", "b")], from: map)
            #expect(found.models.first?["price"]["input"] == .string(price))
        }
    }

    @Test func `an entry's other name is provider, name and entry`() throws {
        let command = try Martlet.parseAsRoot(["models", "import-prices", "f", "--entry", "a/b=c=d", "--dry-run"])
        let prices = try #require(command as? Models.ImportPrices)
        #expect(try prices.entries() == ["a/b": "c=d"] && prices.dryRun)
        let bad = try #require(
            try Martlet.parseAsRoot(["models", "import-prices", "f", "--entry", "a/b"]) as? Models.ImportPrices
        )
        #expect(throws: Refusal.self) { try bad.entries() }
    }
}

import Foundation
import Platform

/// LiteLLM's public price map, `model_prices_and_context_window.json`: an object of models by name. Only what is about
/// prices is read, and numbers are read as they are written: money never becomes a binary fraction.
struct PublicPriceMap: Decodable {
    private let entries: [String: PublicPrice]

    /// The map has some 3 MB.
    static let bytesMax = 32 << 20

    init(_ bytes: [UInt8]) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw Refusal(exit: .usage, lines: ["the file is not LiteLLM's map of models: an object of objects"])
        }
    }

    init(from decoder: any Decoder) throws {
        self.entries = try decoder.singleValueContainer().decode([String: PublicPrice].self)
    }

    struct Found {
        let name: String
        let price: PublicPrice
    }

    func named(_ name: String) -> Found? { self.entries[name].map { Found(name: name, price: $0) } }

    /// What the map says of a model of ours: under our own name, under our provider's name and the provider's own name
    /// for it, or under that name alone where the map says that it is this provider's.
    func entry(of model: String, upstream: String) -> Found? {
        let provider = String(model.prefix { $0 != "/" })
        if let found = self.named(model) ?? self.named("\(provider)/\(upstream)") { return found }
        guard let found = self.named(upstream), found.price.isOf(provider) else { return nil }
        return found
    }
}
